#!/bin/sh
# Runs once, as the empty database begins: Assay's role is an ordinary one, which may make the role that questions run under.
exec psql --quiet --set=ON_ERROR_STOP=1 --set=password="$ASSAY_DATABASE_PASSWORD" --username=postgres <<'SQL'
CREATE ROLE assay LOGIN CREATEROLE PASSWORD :'password';
CREATE DATABASE assay OWNER assay;
SQL
