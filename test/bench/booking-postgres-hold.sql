-- pgbench: each client goes through cars and persons of its own.
\set n :n + 1
\set mine (:client_id + :clients * :n)
SELECT hold(:mine, :mine, 'hold-' || :mine, 'print', now(), 15);
