#include "postgres.h"

#include "dialect.h"
