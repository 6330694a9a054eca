# PostgreSQL with dsql_emu preloaded, and created in the database "postgres".
#
#	docker build -t dsql_emu .
#	docker run -d --name dsql -p 127.0.0.1:5432:5432 -p 127.0.0.1:8100:8100 \
#		-e POSTGRES_PASSWORD=secret dsql_emu
#	docker logs dsql
#
# The log shows the access key with which clients sign, and how they come to trust
# the server; see doc/connecting.md.

ARG PG_MAJOR=17

FROM postgres:$PG_MAJOR AS build
COPY . /dsql_emu
RUN /dsql_emu/docker/build /installed

FROM postgres:$PG_MAJOR
RUN apt-get update && \
	apt-get install -y --no-install-recommends libmicrohttpd12 openssl && \
	rm -rf /var/lib/apt/lists/*
EXPOSE 8100
COPY --from=build /installed /
COPY docker/preload /tmp/preload
RUN /tmp/preload "$(pg_config --sharedir)" && rm /tmp/preload
COPY docker/initdb /docker-entrypoint-initdb.d/10-dsql_emu.sh
