-- pgbench: everybody wants the same few cars, which are held already; each time another person.
\set n :n + 1
\set car random(199951, 200000)
\set person (200000 + :client_id + :clients * :n)
SELECT hold(:car, :person, 'race-' || :person, 'print', now(), 15);
