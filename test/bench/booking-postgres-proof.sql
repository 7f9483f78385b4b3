-- That the rule holds, before its speed is measured: each line must hold.
DO $$
DECLARE
  noon constant timestamptz := '2026-06-01 12:00Z';
  first constant bigint := hold(1, 1, 'k1', 'a', noon, 15);
BEGIN
  ASSERT first IS NOT NULL, 'a free car is held';
  ASSERT hold(1, 2, 'k2', 'a', noon + interval '1 minute', 15) IS NULL, 'one holder a car';
  ASSERT hold(2, 1, 'k3', 'a', noon + interval '1 minute', 15) IS NULL, 'one active hold a person';
  ASSERT hold(1, 1, 'k1', 'a', noon + interval '1 minute', 15) = first, 'the same request gets the same reservation';
  ASSERT hold(1, 1, 'k1', 'b', noon + interval '1 minute', 15) IS NULL, 'another request with its key gets nothing';
  ASSERT hold(1, 2, 'k4', 'a', noon + interval '15 minutes 29 seconds', 15) IS NULL, 'others wait for the guard';
  ASSERT hold(1, 2, 'k5', 'a', noon + interval '15 minutes 31 seconds', 15) > first, 'an expired hold is claimed';
  UPDATE driver SET standing = 'blocked' WHERE person_id = 3;
  ASSERT hold(3, 3, 'k6', 'a', noon, 15) IS NULL, 'the blocked hold nothing';
  UPDATE driver SET standing = 'verified' WHERE person_id = 3;
  DELETE FROM reservation;
END
$$;
