-- The booking rule in PostgreSQL 15: one holder a car, one active hold a person, an expiry that the constraint judges
-- itself, guard included, and one reservation a request. What docs/decisions/booking.md is compared with.
CREATE EXTENSION btree_gist;

CREATE TABLE vehicle (
  vehicle_id bigint PRIMARY KEY,
  state text NOT NULL DEFAULT 'available'
);

CREATE TABLE driver (
  person_id bigint PRIMARY KEY,
  standing text NOT NULL DEFAULT 'verified',
  debt bigint NOT NULL DEFAULT 0
);

CREATE TABLE reservation (
  -- Rises with each holder: the fence.
  fence bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  vehicle_id bigint NOT NULL,
  person_id bigint NOT NULL,
  request_key text NOT NULL,
  fingerprint text NOT NULL,
  -- From the hold to its expiry and the guard, which others wait for; cut short by a release.
  held tstzrange NOT NULL,
  CONSTRAINT one_holder EXCLUDE USING gist (vehicle_id WITH =, held WITH &&),
  CONSTRAINT one_active_use EXCLUDE USING gist (person_id WITH =, held WITH &&),
  CONSTRAINT one_reservation UNIQUE (person_id, request_key)
);

-- The fence of the hold, or of the one that the same request got before; nothing where it is refused. One round trip.
CREATE FUNCTION hold(car bigint, person bigint, key text, print text, at timestamptz, minutes int) RETURNS bigint
LANGUAGE sql AS $$
  WITH taken AS (
    INSERT INTO reservation (vehicle_id, person_id, request_key, fingerprint, held)
    SELECT car, person, key, print, tstzrange(at, at + make_interval(mins => minutes) + interval '30 seconds')
    FROM vehicle, driver
    WHERE vehicle_id = car AND state = 'available' AND person_id = person AND standing = 'verified' AND debt = 0
    ON CONFLICT DO NOTHING
    RETURNING fence
  )
  SELECT fence FROM taken
  UNION ALL
  SELECT fence FROM reservation WHERE person_id = person AND request_key = key AND fingerprint = print
$$;

-- What the comparison needs.
INSERT INTO vehicle SELECT generate_series(1, 200000);
INSERT INTO driver SELECT generate_series(1, 400000);
ANALYZE;
CHECKPOINT;
