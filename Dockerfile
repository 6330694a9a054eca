# PostgreSQL with dsql_emu preloaded, and created in the database "postgres".
#
#	docker build -t dsql_emu .
#	docker run -d --name dsql -p 127.0.0.1:5432:5432 -p 127.0.0.1:8100:8100 \
#		-e POSTGRES_PASSWORD=secret dsql_emu
#	docker logs dsql
#
# The log shows the access key with which clients sign, and how they come to trust
# the server; see doc/connecting.md.  docker/compose.yaml has an application beside it.
#
# PG_MAJOR is the major version of PostgreSQL, 15 to 18, on any architecture that
# Debian's image of it has.

ARG PG_MAJOR=17

FROM postgres:$PG_MAJOR AS build
COPY . /dsql_emu
RUN /dsql_emu/docker/build /installed

FROM postgres:$PG_MAJOR
COPY --from=build /installed /
RUN apt-get update && \
	apt-get install -y --no-install-recommends openssl \
		$(cat /usr/local/lib/dsql_emu/packages) && \
	rm -rf /var/lib/apt/lists/* && \
	/usr/local/lib/dsql_emu/preload "$(pg_config --sharedir)" && \
	install -d -o postgres -g postgres /certificates
EXPOSE 8100
HEALTHCHECK --interval=5s --timeout=5s --start-period=60s \
	CMD ["/usr/local/lib/dsql_emu/health"]
ENTRYPOINT ["/usr/local/lib/dsql_emu/entrypoint"]
CMD ["postgres"]
