# ruff: noqa: S608 - the pieces put together here are constants of this module
"""The moves of a job, as SQL. Each is one statement, so one transaction and one round trip.

The WHERE of each UPDATE is the guard of the state machine. In a statement the other parts see the
row as it was when the statement began, so what decides is always what the UPDATE returned.
"""

from __future__ import annotations

_SUBMISSION = (
    "id, parent_id, task, tenant, queue, priority, request, request_hash, headers, expected,"
    " deadline, not_before"
)

# Who says to have sent a job; a claim of theirs, not proof.
_FROM = (
    "CASE WHEN {headers} ->> 'origin' <> ''"
    " THEN json_build_object('origin', {headers} -> 'origin') END"
)

# Whether the job is new is not seen in `previous`: it may be registered at this moment. What was
# inserted has no xmax, what was updated has.
CLAIM = f"""
WITH previous AS (
    SELECT state, worker FROM riskfleet.job WHERE id = %(id)s
), taken AS (
    INSERT INTO riskfleet.job AS held ({_SUBMISSION}, accepted_at, state, attempt, fence,
        worker, versions, lease_until, started_at, claimed_at, updated_at)
    VALUES (%(id)s, %(parent_id)s, %(task)s, %(tenant)s, %(queue)s, %(priority)s, %(request)s,
        %(request_hash)s, %(headers)s, %(expected)s, %(deadline)s, %(not_before)s,
        least(%(submitted_at)s::timestamptz, now()), 'running', 1, 1,
        %(worker)s, %(versions)s, now() + %(lease)s, now(), now(), now())
    ON CONFLICT (id) DO UPDATE SET
        state = 'running', reason = NULL, attempt = held.attempt + 1, fence = held.fence + 1,
        worker = excluded.worker, versions = excluded.versions,
        lease_until = excluded.lease_until,
        started_at = coalesce(held.started_at, now()), claimed_at = now(), updated_at = now()
    WHERE held.request_hash = excluded.request_hash
        AND (held.state = 'accepted' OR held.state = 'running' AND held.lease_until < now())
    RETURNING id, attempt, fence, held.xmax = 0 AS is_new
), told AS (
    INSERT INTO riskfleet.job_event (job_id, at, kind, attempt, detail)
    SELECT id, now(), 'accepted', 0, {_FROM.format(headers="%(headers)s::json")}
    FROM taken WHERE is_new
    UNION ALL
    SELECT id, now(), 'running', attempt, json_strip_nulls(json_build_object(
        'worker', %(worker)s::text,
        'takenFrom', (SELECT worker FROM previous WHERE state = 'running')))
    FROM taken
)
SELECT attempt, fence FROM taken
"""

STANDING = """
SELECT state, reason, result::text, error::text, worker, lease_until,
    request_hash = %(request_hash)s AS same_request,
    state = 'accepted' OR state = 'running' AND coalesce(lease_until < now(), false) AS claimable
FROM riskfleet.job WHERE id = %(id)s
"""

# A job that ends takes its unfinished shards along: nobody would merge them.
_END = """
WITH ended AS (
    UPDATE riskfleet.job
    SET state = %(state)s, reason = %(reason)s, result = %(result)s, error = %(error)s,
        lease_until = NULL, finished_at = now(), updated_at = now()
    WHERE id = %(id)s AND {guard}
    RETURNING id, attempt
), superseded AS (
    UPDATE riskfleet.job SET state = 'cancelled', reason = 'superseded',
        lease_until = NULL, finished_at = now(), updated_at = now()
    WHERE parent_id IN (SELECT id FROM ended) AND finished_at IS NULL
    RETURNING id, attempt
), told AS (
    INSERT INTO riskfleet.job_event (job_id, at, kind, attempt, detail)
    SELECT id, now(), %(state)s, attempt,
        CASE WHEN %(reason)s::text <> '' THEN json_build_object('reason', %(reason)s::text) END
    FROM ended
    UNION ALL
    SELECT id, now(), 'cancelled', attempt, '{{"reason": "superseded"}}'::json FROM superseded
)
"""

# The second column makes a repeated call true: an attempt whose answer was lost on the way asks
# again, and finds its own outcome.
FINISH = (
    _END.format(guard="state = 'running' AND fence = %(fence)s")
    + """
SELECT EXISTS (SELECT FROM ended)
    OR (state, fence) = (%(state)s, %(fence)s) AND reason IS NOT DISTINCT FROM %(reason)s
FROM riskfleet.job WHERE id = %(id)s
"""
)

SETTLE = (
    _END.format(guard="state = 'running' AND worker = %(worker)s")
    + "SELECT EXISTS (SELECT FROM ended)"
)

RELEASE = """
WITH released AS (
    UPDATE riskfleet.job
    SET state = 'accepted', reason = %(reason)s, worker = NULL, lease_until = NULL,
        attempt = attempt - %(given_back)s, not_before = coalesce(%(not_before)s, not_before),
        updated_at = now()
    WHERE id = %(id)s AND state = 'running' AND worker = %(worker)s
        AND fence = coalesce(%(fence)s, fence)
    RETURNING id, attempt
), told AS (
    INSERT INTO riskfleet.job_event (job_id, at, kind, attempt, detail)
    SELECT id, now(), 'retrying', attempt, json_strip_nulls(json_build_object(
        'reason', %(reason)s::text, 'worker', %(worker)s::text,
        'notBefore', %(not_before)s::timestamptz))
    FROM released
)
SELECT EXISTS (SELECT FROM released)
"""

RENEW = """
WITH renewed AS (
    UPDATE riskfleet.job SET lease_until = now() + %(lease)s
    WHERE id = ANY(%(ids)s) AND state = 'running' AND worker = %(worker)s
    RETURNING id
)
SELECT count(*) FROM renewed
"""

# In the order of their ids, so that two who register the same jobs cannot wait for each other.
_ACCEPT = f"""
    INSERT INTO riskfleet.job ({_SUBMISSION}, accepted_at, state, attempt, fence, updated_at)
    SELECT id, parent_id, task, tenant, queue, priority, request::json, request_hash, headers,
        expected::json, deadline, not_before, least(submitted_at, now()), 'accepted', 0, 0, now()
    FROM json_to_recordset(%(submissions)s::json) AS submission(
        id uuid, parent_id uuid, task text, tenant text, queue text, priority text,
        request text, request_hash text, headers json, expected text,
        deadline timestamptz, not_before timestamptz, submitted_at timestamptz)
    {{condition}}
    ORDER BY id
    ON CONFLICT (id) DO NOTHING
    RETURNING id, headers
"""

REGISTER = f"""
WITH accepted AS ({_ACCEPT.format(condition="")}), told AS (
    INSERT INTO riskfleet.job_event (job_id, at, kind, attempt, detail)
    SELECT id, now(), 'accepted', 0, {_FROM.format(headers="headers")} FROM accepted
)
SELECT count(*) FROM accepted
"""

# The oldest rows, as many as fit: the first always, so that none is too large to be taken.
ENQUEUED = """
WITH locked AS MATERIALIZED (
    SELECT position,
        octet_length(request::text) + coalesce(octet_length(expected::text), 0) AS size_bytes
    FROM riskfleet.outbox
    WHERE tenant <> ALL(%(without)s)
    ORDER BY position
    LIMIT %(rows)s
    FOR UPDATE SKIP LOCKED
), sized AS (
    SELECT position, sum(size_bytes) OVER (ORDER BY position) - size_bytes AS bytes_before
    FROM locked
)
SELECT position, id, task, tenant, priority, request::text, expected::text, schema_hash,
    traceparent, tracestate, to_json(not_before) #>> '{}' AS not_before,
    to_json(deadline) #>> '{}' AS deadline, origin, to_json(enqueued_at) #>> '{}' AS enqueued_at
FROM sized JOIN riskfleet.outbox USING (position)
WHERE bytes_before < %(size_bytes)s
ORDER BY position
"""

REGISTER_ENQUEUED = f"""
WITH accepted AS ({_ACCEPT.format(condition="")}), told AS (
    INSERT INTO riskfleet.job_event (job_id, at, kind, attempt, detail)
    SELECT id, now(), 'accepted', 0, json_strip_nulls(json_build_object(
        'origin', nullif(origin, ''), 'via', 'outbox', 'enqueuedBy', enqueued_by))
    FROM accepted JOIN riskfleet.outbox USING (id)
    WHERE position = ANY(%(positions)s)
)
SELECT id FROM accepted
"""

KNOWN_HASHES = "SELECT id, request_hash FROM riskfleet.job WHERE id = ANY(%(ids)s)"

UNENQUEUE = "DELETE FROM riskfleet.outbox WHERE position = ANY(%(positions)s)"

DELEGATE = f"""
WITH delegated AS (
    UPDATE riskfleet.job SET worker = NULL, lease_until = NULL, updated_at = now()
    WHERE id = %(id)s AND state = 'running' AND fence = %(fence)s
    RETURNING id, attempt
), accepted AS ({_ACCEPT.format(condition="WHERE EXISTS (SELECT FROM delegated)")}), told AS (
    INSERT INTO riskfleet.job_event (job_id, at, kind, attempt, detail)
    SELECT id, now(), 'delegated', attempt, json_build_object('shards', %(shards)s::int)
    FROM delegated
    UNION ALL
    SELECT id, now(), 'accepted', 0, NULL FROM accepted
)
SELECT EXISTS (SELECT FROM delegated)
"""

TAKE_UP = """
WITH taken AS (
    UPDATE riskfleet.job
    SET worker = %(worker)s, lease_until = now() + %(lease)s, fence = fence + 1,
        updated_at = now()
    WHERE id = %(id)s AND state = 'running' AND lease_until IS NULL AND fence = %(fence)s
    RETURNING id, attempt, fence
), told AS (
    INSERT INTO riskfleet.job_event (job_id, at, kind, attempt, detail)
    SELECT id, now(), 'merging', attempt, json_build_object('worker', %(worker)s::text)
    FROM taken
)
SELECT attempt, fence FROM taken
"""

RESTART = """
WITH restarted AS (
    UPDATE riskfleet.job
    SET state = 'accepted', reason = 'superseded', worker = NULL, lease_until = NULL,
        updated_at = now()
    WHERE id = %(id)s AND state = 'running' AND lease_until IS NULL AND fence = %(fence)s
    RETURNING id, attempt
), superseded AS (
    UPDATE riskfleet.job SET state = 'cancelled', reason = 'superseded',
        lease_until = NULL, finished_at = now(), updated_at = now()
    WHERE parent_id IN (SELECT id FROM restarted) AND finished_at IS NULL
    RETURNING id, attempt
), told AS (
    INSERT INTO riskfleet.job_event (job_id, at, kind, attempt, detail)
    SELECT id, now(), 'retrying', attempt, '{"reason": "shards_lost"}'::json FROM restarted
    UNION ALL
    SELECT id, now(), 'cancelled', attempt, '{"reason": "superseded"}'::json FROM superseded
)
SELECT EXISTS (SELECT FROM restarted)
"""

# The lock waits for whoever is claiming the job, and then sees what became of it.
CANCEL = """
WITH seen AS (
    SELECT id, state FROM riskfleet.job WHERE id = %(id)s FOR UPDATE
), cancelled AS (
    UPDATE riskfleet.job SET state = 'cancelled', reason = %(reason)s, error = %(error)s,
        finished_at = now(), updated_at = now()
    FROM seen WHERE job.id = seen.id AND seen.state = 'accepted'
    RETURNING job.id, attempt
), told AS (
    INSERT INTO riskfleet.job_event (job_id, at, kind, attempt, detail)
    SELECT id, now(), 'cancelled', attempt, json_build_object('reason', %(reason)s::text)
    FROM cancelled
)
SELECT CASE WHEN EXISTS (SELECT FROM cancelled) THEN 'cancelled' ELSE state END FROM seen
"""

SEEN = """
WITH seen AS (
    UPDATE riskfleet.job SET updated_at = now()
    WHERE id = ANY(%(ids)s) AND finished_at IS NULL
    RETURNING id
)
SELECT count(*) FROM seen
"""

RESENT = """
WITH resent AS (
    UPDATE riskfleet.job SET updated_at = now()
    WHERE id = ANY(%(ids)s) AND finished_at IS NULL
    RETURNING id, attempt
), told AS (
    INSERT INTO riskfleet.job_event (job_id, at, kind, attempt)
    SELECT id, now(), 'resent', attempt FROM resent
)
SELECT count(*) FROM resent
"""

# The lock keeps the job from being deleted meanwhile, so that the reference holds.
RECORD_COMPARISON = """
INSERT INTO riskfleet.shadow_comparison (job_id, task, tenant, agrees, compared, differences)
SELECT id, task, tenant, %(agrees)s, %(compared)s, %(differences)s::json
FROM riskfleet.job WHERE id = %(id)s FOR KEY SHARE
RETURNING true
"""
