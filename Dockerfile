# PostgreSQL with dsql_emu preloaded, and created in the database "postgres".
#
#	docker build -t dsql_emu .
#	docker run -d -p 5432:5432 -e POSTGRES_PASSWORD=secret dsql_emu
#	PGPASSWORD=secret psql -h localhost -U admin postgres

ARG PG_MAJOR=17

FROM postgres:$PG_MAJOR AS build
COPY . /dsql_emu
RUN /dsql_emu/docker/build /installed

FROM postgres:$PG_MAJOR
COPY --from=build /installed /
COPY docker/preload /tmp/preload
RUN /tmp/preload "$(pg_config --sharedir)" && rm /tmp/preload
COPY docker/initdb /docker-entrypoint-initdb.d/10-dsql_emu.sh
