# dsql_emu: Amazon Aurora DSQL's behaviour on a stock PostgreSQL server

EXTENSION  = dsql_emu
MODULE_big = dsql_emu
OBJS       = \
	dsql_emu.o \
	src/access_key.o \
	src/adoption.o \
	src/async.o \
	src/authentication.o \
	src/change.o \
	src/check_signature.o \
	src/clock.o \
	src/cluster.o \
	src/cluster_schema.o \
	src/commit.o \
	src/confine.o \
	src/conflict.o \
	src/connection.o \
	src/control.o \
	src/control_catalog.o \
	src/control_cluster.o \
	src/control_error.o \
	src/control_input.o \
	src/control_policy.o \
	src/control_sql.o \
	src/control_stream.o \
	src/control_tag.o \
	src/database.o \
	src/ddl.o \
	src/debug.o \
	src/dialect.o \
	src/dialect_function.o \
	src/dialect_index.o \
	src/dialect_object.o \
	src/dialect_query.o \
	src/dialect_role.o \
	src/dialect_sequence.o \
	src/dialect_setting.o \
	src/dialect_stored.o \
	src/dialect_table.o \
	src/dialect_transaction.o \
	src/dialect_type.o \
	src/environment.o \
	src/executor.o \
	src/finding.o \
	src/followup.o \
	src/hook.o \
	src/http.o \
	src/iam.o \
	src/identifier.o \
	src/index_build.o \
	src/index_define.o \
	src/job.o \
	src/json.o \
	src/lexer.o \
	src/limit.o \
	src/modify.o \
	src/overtake.o \
	src/patch.o \
	src/policy.o \
	src/policy_condition.o \
	src/quota.o \
	src/roster.o \
	src/row.o \
	src/rowkey.o \
	src/rule.o \
	src/schema_version.o \
	src/search_path.o \
	src/session.o \
	src/settings.o \
	src/sigv4.o \
	src/statement.o \
	src/stats.o \
	src/syntax.o \
	src/tableam.o \
	src/task.o \
	src/tempspace.o \
	src/token.o \
	src/transaction.o \
	src/turn.o \
	src/wait.o \
	src/worker.o
DATA       = $(wildcard dsql_emu--*.sql)
SCRIPTS    = demo/dsql_emu-tls

# The control plane answers over HTTP where libmicrohttpd is installed.
MICROHTTPD ?= $(shell echo '\#include <microhttpd.h>' | cc -E - >/dev/null 2>&1 && echo yes)
ifeq ($(MICROHTTPD),yes)
OBJS      += \
	src/http_channel.o \
	src/http_listen.o \
	src/http_request.o \
	src/http_response.o \
	src/http_server.o \
	src/http_sign.o \
	src/http_worker.o
PG_CPPFLAGS = -DDSQL_WITH_MICROHTTPD
# Calls within the library take no detour.
SHLIB_LINK = -lmicrohttpd -Wl,-Bsymbolic
endif

# SQL tests in sql/ and expected/, concurrency tests in test/isolation/, and
# tests that restart, crash or speak the protocol to a server in test/t/.  Each
# suite starts a server of its own with the library preloaded.
REGRESS        = \
	accepted \
	alter_table \
	btree_table \
	clock \
	cluster_sessions \
	cluster_states \
	confine \
	control \
	ddl_modes \
	domains \
	environment \
	findings \
	functions \
	iam \
	index_build \
	indexes \
	job_security \
	jobs \
	limits \
	objects \
	queries \
	roles \
	rows \
	sequences \
	settings \
	settled \
	sizes \
	statements \
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
EXTRA_CLEAN    = src/.microhttpd-* tmp_check_regress tmp_check_iso typedefs.list

# These work before PostgreSQL is installed: they install it.
ifneq ($(filter run stop,$(MAKECMDGOALS)),)

.PHONY: run stop
run stop:
	@demo/server $@

else

PG_CONFIG ?= pg_config
PGXS := $(shell $(PG_CONFIG) --pgxs)
include $(PGXS)

# PGXS tracks no header dependencies.
$(OBJS): $(wildcard $(srcdir)/src/*.h)

# The library may have come or gone since the last build.  PGXS makes all files
# secondary, so that no rule would be asked for one that is missing.
built_with := src/.microhttpd-$(or $(MICROHTTPD),no)
src/http.o: $(built_with)
$(shell [ -e $(built_with) ] || { rm -f src/.microhttpd-*; touch $(built_with); } 2>/dev/null)

.PHONY: test core-regress bench format
test:
	@$(MAKE) -s -j"$$(nproc)" all COPT=-Werror with_llvm=no
	@PG_CONFIG='$(PG_CONFIG)' $(srcdir)/test/run

# PostgreSQL's own suite, with the library loaded.
core-regress: all
	@PG_CONFIG='$(PG_CONFIG)' $(srcdir)/test/core-regress

bench:
	@PG_CONFIG='$(PG_CONFIG)' $(srcdir)/bench/run

# pgindent, without a PostgreSQL source tree: the typedefs come from our own
# debug information.  Needs Debian's pg-bsd-indent and binutils.
format: all
	objdump -W $(OBJS) | grep -A3 DW_TAG_typedef | awk '$$2 == "DW_AT_name" {print $$NF}' | \
		sort -u | grep -Ev '^(date|interval|timestamp|ANY)$$' > typedefs.list
	for f in *.c src/*.[ch]; do \
		sed -E 's!/\* +---!/*---X_X!' $$f | \
		pg_bsd_indent -bad -bap -bbb -bc -bl -cli1 -cp33 -cdb -nce -d0 -di12 -nfc1 -i4 \
			-l79 -lp -lpl -nip -npro -sac -tpg -ts4 -Utypedefs.list | \
		sed -E -e 's!/\*---X_X!/* ---!' -e 's!^([A-Za-z_][^[:space:]]*)[ \t]+\*$$!\1 *!' > $$f.new && \
		if cmp -s $$f $$f.new; then rm $$f.new; else mv $$f.new $$f; echo "formatted $$f"; fi; \
	done

endif
