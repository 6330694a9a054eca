/*
 * server_patch.c
 *		Change a constant of the server.
 *
 * Where PostgreSQL calls a function by a pointer that it never changes, there
 * is a place for ours, as good as a hook.  Only data is changed, no code.
 */
#include "postgres.h"

#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

#include "utils/fmgrtab.h"

#include "base/server_patch.h"

/*
 * How the page at an address of the server's executable is mapped.
 */
typedef struct Mapping
{
	uintptr_t	address;
	int			protection;		/* -1: not found */
} Mapping;

static int
look_for_mapping(struct dl_phdr_info *object, size_t size, void *arg)
{
	Mapping    *mapping = arg;

	for (int i = 0; i < object->dlpi_phnum; i++)
	{
		uint32		type = object->dlpi_phdr[i].p_type;
		uint32		flags = object->dlpi_phdr[i].p_flags;
		uintptr_t	start = object->dlpi_addr + object->dlpi_phdr[i].p_vaddr;

		if (mapping->address < start ||
			mapping->address >= start + object->dlpi_phdr[i].p_memsz)
			continue;

		if (type == PT_LOAD)
			mapping->protection = PROT_READ |
				(flags & PF_W ? PROT_WRITE : 0) |
				(flags & PF_X ? PROT_EXEC : 0);

		/* A part of a segment that was loaded: its header comes later. */
		if (type == PT_GNU_RELRO)
			mapping->protection = PROT_READ;
	}
	return mapping->protection != -1;
}

bool
dsql_server_patch_constant(const void *constant, const void *value,
						   size_t size)
{
	uintptr_t	address = (uintptr_t) constant;
	uintptr_t	first = address & ~((uintptr_t) sysconf(_SC_PAGESIZE) - 1);
	size_t		length = address + size - first;
	Mapping		mapping = {address, -1};

	dl_iterate_phdr(look_for_mapping, &mapping);
	if (mapping.protection == -1)
	{
		errno = EFAULT;
		return false;
	}

	if (mprotect((void *) first, length,
				 mapping.protection | PROT_WRITE) != 0)
		return false;
	memcpy((void *) address, value, size);
	return mprotect((void *) first, length, mapping.protection) == 0;
}

bool
dsql_server_patch_function(Oid function, PGFunction ours, PGFunction *original)
{
	const FmgrBuiltin *builtin =
	&fmgr_builtins[fmgr_builtin_oid_index[function]];

	Assert(builtin->foid == function);
	*original = builtin->func;
	return dsql_server_patch_constant(&builtin->func, &ours, sizeof(ours));
}
