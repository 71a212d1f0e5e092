-- Prefect's own database; it needs trigram search.
create database prefect;
\connect prefect
create extension if not exists pg_trgm;
