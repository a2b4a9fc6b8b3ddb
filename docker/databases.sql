-- Run once by the PostgreSQL image, beside the database that it makes itself (Airflow's).
-- The keys are a database of their own because they are backed up apart from the ledger that they open.
CREATE DATABASE ledger;
CREATE DATABASE keys;
