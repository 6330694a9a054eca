# dsql_emu: Amazon Aurora DSQL's behaviour on a stock PostgreSQL server

EXTENSION  = dsql_emu
MODULE_big = dsql_emu
sources    = $(wildcard $(srcdir)/src/*.c $(srcdir)/src/*/*.c)
OBJS       = dsql_emu.o $(patsubst $(srcdir)/%.c,%.o,$(filter-out $(left_out),$(sources)))
DATA       = $(wildcard dsql_emu--*.sql) compare/dsql_emu-probes.txt
SCRIPTS    = demo/dsql_emu-run demo/dsql_emu-tls compare/dsql_emu-compare

# The control plane answers over HTTP where libmicrohttpd is installed.
MICROHTTPD ?= $(shell echo '\#include <microhttpd.h>' | cc -E - >/dev/null 2>&1 && echo yes)
# Change streams are sent to Kinesis where libcurl is installed.
LIBCURL    ?= $(shell echo '\#include <curl/curl.h>' | cc -E - >/dev/null 2>&1 && echo yes)
# The version of the SQL objects that the library speaks.
version    = $(shell sed -n "s/^default_version = '\(.*\)'/\1/p" $(srcdir)/dsql_emu.control)
PG_CPPFLAGS = -I$(srcdir)/src -DDSQL_EXTENSION_VERSION='"$(version)"'
ifeq ($(MICROHTTPD),yes)
PG_CPPFLAGS += -DDSQL_WITH_MICROHTTPD
SHLIB_LINK = -lmicrohttpd
else
left_out   = $(filter-out %/http.c,$(wildcard $(srcdir)/src/http/*.c))
endif
ifeq ($(LIBCURL),yes)
PG_CPPFLAGS += -DDSQL_WITH_LIBCURL
SHLIB_LINK += -lcurl
else
left_out  += $(addprefix $(srcdir)/src/stream/,kinesis_post.c stream_sender.c)
endif
# Calls within the library take no detour.
SHLIB_LINK += -Wl,-Bsymbolic

# SQL tests in sql/ and expected/, concurrency tests in test/isolation/, and
# tests that restart, crash or speak the protocol to a server in test/t/.  Each
# suite starts a server of its own with the library preloaded.
REGRESS        = \
	accepted \
	alter_table \
	btree_table \
	catalogs \
	clock \
	cluster_sessions \
	cluster_states \
	confine \
	control \
	ddl_modes \
	domains \
	environment \
	explain \
	explain_samples \
	findings \
	functions \
	iam \
	index_build \
	indexes \
	inject \
	job_security \
	jobs \
	limits \
	objects \
	queries \
	roles \
	rows \
	security_settings \
	sequences \
	settings \
	settled \
	sizes \
	statements \
	streams \
	syntax \
	tables \
	transaction \
	transaction_control \
	types \
	views
ISOLATION      = $(sort $(notdir $(basename $(wildcard $(srcdir)/test/isolation/specs/*.spec))))
TAP_TESTS      = 1
PROVE_TESTS    = test/t/*.sh test/t/*.pl
NO_LOCALE      = 1
ENCODING       = UTF8
REGRESS_OPTS   = --temp-config=$(srcdir)/test/dsql_emu.conf \
                 --temp-instance=tmp_check_regress --load-extension=dsql_emu
ISOLATION_OPTS = --temp-config=$(srcdir)/test/dsql_emu.conf \
                 --temp-instance=tmp_check_iso --load-extension=dsql_emu \
                 --inputdir=$(srcdir)/test/isolation
EXTRA_CLEAN    = src/.microhttpd-* src/.libcurl-* tmp_check_regress tmp_check_iso typedefs.list

# These work before PostgreSQL is installed: they install it.
ifneq ($(filter run stop,$(MAKECMDGOALS)),)

.PHONY: run stop
run stop:
	@demo/server $@

else

PG_CONFIG ?= pg_config
PGXS := $(shell $(PG_CONFIG) --pgxs)
include $(PGXS)

# PGXS looks for what it has installed below the name of the source's folder.
.PHONY: uninstall-scripts
uninstall: uninstall-scripts
uninstall-scripts:
	rm -f $(addprefix '$(DESTDIR)$(bindir)'/,$(notdir $(SCRIPTS)))

# PGXS tracks no header dependencies.
$(OBJS): $(wildcard $(srcdir)/src/*.h $(srcdir)/src/*/*.h)

# The libraries may have come or gone since the last build.  PGXS makes all files
# secondary, so that no rule would be asked for one that is missing.
http_with   := src/.microhttpd-$(or $(MICROHTTPD),no)
stream_with := src/.libcurl-$(or $(LIBCURL),no)
src/http/http.o: $(http_with)
src/stream/stream_worker.o src/stream/stream_retention.o: $(stream_with)
$(shell [ -e $(http_with) ] || { rm -f src/.microhttpd-*; touch $(http_with); } 2>/dev/null)
$(shell [ -e $(stream_with) ] || { rm -f src/.libcurl-*; touch $(stream_with); } 2>/dev/null)

.PHONY: test core-regress bench conformance format
test:
	@$(MAKE) -s -j"$$(nproc)" all COPT=-Werror with_llvm=no
	@PG_CONFIG='$(PG_CONFIG)' $(srcdir)/test/run $(if $(TAP_TESTS),,TAP_TESTS=)

# The archive for PGXN, of what is committed.
DIST ?= .
dist_name = $(EXTENSION)-$(shell sed -n 's/^  "version": "\(.*\)",/\1/p' META.json)
.PHONY: dist
dist:
	git -c safe.directory='$(CURDIR)' archive --format=zip --prefix=$(dist_name)/ \
		-o '$(DIST)/$(dist_name).zip' HEAD

# PostgreSQL's own suite, with the library loaded.
core-regress: all
	@PG_CONFIG='$(PG_CONFIG)' $(srcdir)/test/core-regress

bench:
	@PG_CONFIG='$(PG_CONFIG)' $(srcdir)/bench/run

# What dsql_emu answers beside what is known of the service.
conformance: all
	@PG_CONFIG='$(PG_CONFIG)' $(srcdir)/compare/update

# pgindent, without a PostgreSQL source tree: the typedefs come from our own
# debug information.  Needs Debian's pg-bsd-indent and binutils.
format: all
	objdump -W $(OBJS) | grep -A3 DW_TAG_typedef | awk '$$2 == "DW_AT_name" {print $$NF}' | \
		sort -u | grep -Ev '^(date|interval|timestamp|ANY)$$' > typedefs.list
	for f in *.c src/*.[ch] src/*/*.[ch]; do \
		sed -E 's!/\* +---!/*---X_X!' $$f | \
		pg_bsd_indent -bad -bap -bbb -bc -bl -cli1 -cp33 -cdb -nce -d0 -di12 -nfc1 -i4 \
			-l79 -lp -lpl -nip -npro -sac -tpg -ts4 -Utypedefs.list | \
		sed -E -e 's!/\*---X_X!/* ---!' -e 's!^([A-Za-z_][^[:space:]]*)[ \t]+\*$$!\1 *!' > $$f.new && \
		if cmp -s $$f $$f.new; then rm $$f.new; else mv $$f.new $$f; echo "formatted $$f"; fi; \
	done

endif
