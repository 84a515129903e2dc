using Microsoft.EntityFrameworkCore.Migrations;

namespace ZohoPlatform.MessagingService.Data;

/// <summary>
/// How messages are stored: functions, so that many messages are one round trip and one commit. Each begins with the tenant's turn, a lock until the end of
/// the transaction, so that positions are seen in the order in which they were given.
/// </summary>
internal static class MessagingFunctions
{
    extension(MigrationBuilder migration)
    {
        /// <summary>Whether a delivery status replaces another: only forward, a failure only before the delivery, and nothing replaces a failure.</summary>
        public void CompareStatuses() => migration.Sql(
            """
            CREATE FUNCTION status_replaces(known integer, told integer) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
                SELECT CASE WHEN told = 6 THEN known IN (0, 1, 2) WHEN known = 6 THEN false ELSE told > known END
            $$;
            """);

        /// <summary>
        /// Which conversation a message belongs to: that of the phone, else that of WhatsApp's user. Where both are known and are two, they are one person's
        /// from now on, and the phone's is it; unless the user's has another phone, which somebody else has by now. WhatsApp gives a user who changes the
        /// number another id: what tells the one before is late, and is of whoever had it, not of who has the number by now.
        /// </summary>
        public void FindConversations() => migration.Sql(
            """
            CREATE FUNCTION join_conversations(t uuid, old uuid, kept uuid, now timestamptz) RETURNS void LANGUAGE plpgsql AS $$
            DECLARE
                o conversations%ROWTYPE;
            BEGIN
                SELECT * INTO o FROM conversations WHERE tenant_id = t AND id = old;
                UPDATE messages SET conversation_id = kept, position = nextval('message_positions') WHERE tenant_id = t AND conversation_id = old;
                UPDATE conversation_users SET conversation_id = kept WHERE tenant_id = t AND conversation_id = old;
                -- nothing of it goes to Zoho CRM any more, and its phone is free for the one that is left
                UPDATE conversations SET joined_into = kept, messages = 0, unread = 0, phone = NULL, phone_key = NULL, crm_state = 1, crm_module = NULL,
                    crm_record_id = NULL, crm_code = '', crm_message = '', lead_asked_at = NULL, next_attempt_at = NULL, attempts = 0, updated_at = now
                WHERE tenant_id = t AND id = old;
                UPDATE conversations SET joined_into = kept WHERE tenant_id = t AND joined_into = old;
                UPDATE conversations k SET
                    messages = k.messages + o.messages, unread = k.unread + o.unread, created_at = least(k.created_at, o.created_at),
                    last_text = CASE WHEN o.last_message_at > k.last_message_at THEN o.last_text ELSE k.last_text END,
                    last_message_at = greatest(k.last_message_at, o.last_message_at), name = coalesce(k.name, o.name), updated_at = now,
                    phone = coalesce(k.phone, o.phone), phone_key = coalesce(k.phone_key, o.phone_key),
                    crm_state = CASE WHEN k.crm_state = 1 AND o.crm_state = 2 THEN 2 ELSE k.crm_state END
                WHERE k.tenant_id = t AND k.id = kept;
            END $$;

            CREATE FUNCTION conversation_of(
                t uuid, fresh uuid, phone_ text, key_ text, user_ text, name_ text, sent timestamptz, now timestamptz)
            RETURNS uuid LANGUAGE plpgsql AS $$
            DECLARE
                by_phone uuid;
                by_user uuid;
                found_ uuid;
                current_user_ text;
            BEGIN
                IF key_ IS NOT NULL THEN
                    SELECT id INTO by_phone FROM conversations WHERE tenant_id = t AND phone_key = key_;
                END IF;
                IF user_ IS NOT NULL THEN
                    SELECT conversation_id INTO by_user FROM conversation_users WHERE tenant_id = t AND user_id = user_;
                END IF;
                IF by_user IS NOT NULL AND key_ IS NOT NULL AND by_user IS DISTINCT FROM by_phone THEN
                    SELECT user_id INTO current_user_ FROM conversations WHERE tenant_id = t AND id = by_user AND phone_key IS NOT NULL;
                    IF FOUND THEN
                        IF current_user_ <> user_ THEN
                            RETURN by_user;
                        END IF;
                        by_user := NULL;
                    ELSIF by_phone IS NOT NULL THEN
                        PERFORM join_conversations(t, by_user, by_phone, now);
                    ELSE
                        UPDATE conversations SET phone = phone_, phone_key = key_ WHERE tenant_id = t AND id = by_user;
                    END IF;
                END IF;

                found_ := coalesce(by_phone, by_user);
                IF found_ IS NULL THEN
                    found_ := fresh;
                    INSERT INTO conversations (
                        tenant_id, id, phone, phone_key, user_id, name, messages, unread, last_message_at, last_text, created_at, updated_at,
                        crm_state, crm_code, crm_message, attempts)
                    VALUES (t, fresh, phone_, key_, user_, name_, 0, 0, sent, '', now, now, 1, '', '', 0);
                END IF;
                IF user_ IS NOT NULL THEN
                    INSERT INTO conversation_users (tenant_id, user_id, conversation_id) VALUES (t, user_, found_)
                    ON CONFLICT (tenant_id, user_id) DO UPDATE SET conversation_id = excluded.conversation_id
                    WHERE conversation_users.conversation_id <> excluded.conversation_id;
                END IF;
                RETURN found_;
            END $$;
            """);

        /// <summary>
        /// Stores messages in their order, and says of each whether it is new, or what is known where its external id is. A tenant whose messages are for Zoho
        /// CRM has a place in the queue then. What many have in common is done once for all: a statement for each message costs more than the message.
        /// </summary>
        public void StoreMessages() => migration.Sql(
            """
            CREATE FUNCTION store_messages(
                turn bigint, t uuid, now timestamptz, ids uuid[], fresh uuid[], external_ids text[], channels uuid[], sources text[], directions integer[],
                types text[], texts text[], campaigns text[], contents text[], sent timestamptz[], statuses integer[], phones text[], keys text[],
                users text[], names text[])
            RETURNS TABLE (place bigint, is_new boolean, message_id uuid, conversation uuid) LANGUAGE plpgsql AS $$
            DECLARE
                news bigint[];
                belongs uuid[];
                has_strangers boolean;
                waiting bigint;
            BEGIN
                PERFORM pg_advisory_xact_lock(turn);
                SELECT array_agg(d.first ORDER BY d.first) INTO news
                FROM (SELECT e.id, min(e.place) AS first FROM unnest(external_ids) WITH ORDINALITY e (id, place) GROUP BY e.id) d
                WHERE NOT EXISTS (SELECT FROM messages m WHERE m.tenant_id = t AND m.external_id = d.id);
                IF news IS NOT NULL THEN
                    SELECT array_agg(
                        CASE WHEN users[n.place] IS NULL THEN p.id
                            WHEN keys[n.place] IS NULL OR p.id = u.conversation_id THEN u.conversation_id END
                        ORDER BY n.number) INTO belongs
                    FROM unnest(news) WITH ORDINALITY n (place, number)
                    LEFT JOIN conversations p ON p.tenant_id = t AND p.phone_key = keys[n.place]
                    LEFT JOIN conversation_users u ON u.tenant_id = t AND u.user_id = users[n.place];
                    -- who is new, or is told by a phone and an id that are not known as one: that can move others of the same user
                    has_strangers := EXISTS (
                        SELECT FROM unnest(news, belongs) b (place, id) WHERE b.id IS NULL AND users[b.place] IS NOT NULL);
                    FOR i IN 1 .. cardinality(news) LOOP
                        IF belongs[i] IS NULL OR (has_strangers AND users[news[i]] IS NOT NULL) THEN
                            belongs[i] := conversation_of(
                                t, fresh[news[i]], phones[news[i]], keys[news[i]], users[news[i]], names[news[i]], sent[news[i]], now);
                        END IF;
                    END LOOP;
                    IF has_strangers THEN
                        SELECT array_agg(coalesce(c.joined_into, c.id) ORDER BY b.number) INTO belongs
                        FROM unnest(belongs) WITH ORDINALITY b (id, number) JOIN conversations c ON c.tenant_id = t AND c.id = b.id;
                    END IF;

                    WITH early AS (
                        DELETE FROM early_statuses e USING unnest(news) n (place)
                        WHERE e.tenant_id = t AND e.external_id = external_ids[n.place]
                        RETURNING n.place, e.status, e.at, e.error_code, e.error_message),
                    stored AS (
                        INSERT INTO messages (
                            tenant_id, id, conversation_id, external_id, channel_id, source, direction, type, text, campaign, sent_at,
                            received_at, status, status_at, error_code, error_message, sync_state, sync_code, sync_message, attempts, is_asked_for,
                            is_stale, sequence, position)
                        SELECT
                            t, ids[d.place], d.conversation, external_ids[d.place], channels[d.place], sources[d.place], directions[d.place],
                            types[d.place], texts[d.place], campaigns[d.place], sent[d.place], now, d.status, d.status_at,
                            d.error_code, d.error_message, d.state, CASE WHEN d.state = 3 THEN 'no_phone' ELSE '' END,
                            CASE WHEN d.state = 3 THEN 'The person''s phone is not known: leads of Zoho CRM are found by it. Resend it once a message has told the phone.' ELSE '' END,
                            0, false, false, d.position, d.position
                        FROM (
                            -- positions in the order in which they came
                            SELECT o.*, nextval('message_positions') AS position
                            FROM (
                                SELECT
                                    n.place, c.id AS conversation,
                                    CASE WHEN c.phone_key IS NULL THEN 3 ELSE 1 END AS state,
                                    coalesce(e.status, statuses[n.place]) AS status,
                                    coalesce(e.at, CASE WHEN statuses[n.place] > 0 THEN sent[n.place] END) AS status_at, e.error_code, e.error_message
                                FROM unnest(news, belongs) n (place, conversation)
                                JOIN conversations c ON c.tenant_id = t AND c.id = n.conversation
                                LEFT JOIN early e ON e.place = n.place AND directions[n.place] <> 1 AND status_replaces(statuses[n.place], e.status)
                                ORDER BY n.place) o) d
                        RETURNING sync_state)
                    SELECT count(*) FILTER (WHERE sync_state = 1) INTO waiting FROM stored;
                    INSERT INTO message_contents (tenant_id, message_id, content)
                    SELECT t, ids[n.place], contents[n.place] FROM unnest(news) n (place) WHERE contents[n.place] IS NOT NULL;

                    UPDATE conversations c SET
                        messages = c.messages + g.messages, unread = c.unread + g.inbound, updated_at = now,
                        last_text = CASE WHEN sent[g.last] >= c.last_message_at THEN left(texts[g.last], 200) ELSE c.last_text END,
                        last_message_at = greatest(c.last_message_at, sent[g.last]),
                        name = coalesce(names[g.named_itself], c.name, names[g.named]),
                        user_id = CASE WHEN keys[g.told_user] <> c.phone_key THEN c.user_id ELSE coalesce(users[g.told_user], c.user_id) END,
                        crm_state = CASE WHEN c.crm_state = 1 AND c.phone_key IS NOT NULL THEN 2 ELSE c.crm_state END
                    FROM (
                        SELECT
                            n.conversation, count(*) AS messages, count(*) FILTER (WHERE directions[n.place] = 1) AS inbound,
                            (array_agg(n.place ORDER BY sent[n.place] DESC, n.place DESC))[1] AS last,
                            max(n.place) FILTER (WHERE directions[n.place] = 1 AND names[n.place] IS NOT NULL) AS named_itself,
                            min(n.place) FILTER (WHERE names[n.place] IS NOT NULL) AS named,
                            max(n.place) FILTER (WHERE users[n.place] IS NOT NULL) AS told_user
                        FROM unnest(news, belongs) n (place, conversation) GROUP BY n.conversation) g
                    WHERE c.tenant_id = t AND c.id = g.conversation;
                    IF waiting > 0 THEN
                        PERFORM queue_delivery(t, now);
                    END IF;
                    PERFORM pg_notify('message_changes', t::text);
                END IF;

                RETURN QUERY SELECT d.place, n.place IS NOT NULL, m.id, m.conversation_id
                FROM unnest(external_ids) WITH ORDINALITY d (external_id, place)
                JOIN messages m ON m.tenant_id = t AND m.external_id = d.external_id
                LEFT JOIN unnest(news) n (place) ON n.place = d.place;
            END $$;

            CREATE FUNCTION queue_delivery(t uuid, now timestamptz) RETURNS void LANGUAGE plpgsql AS $$ BEGIN
                INSERT INTO delivery_queue AS q (tenant_id, id, due_at) VALUES (t, t, now)
                ON CONFLICT (tenant_id, id) DO UPDATE SET due_at = greatest(now, coalesce(q.not_before, now))
                WHERE q.due_at > greatest(now, coalesce(q.not_before, now));
            END $$;
            """);

        /// <summary>
        /// Notes how far a message came and answers with 1; with 2 where that says nothing new, and 3 where the message is not here yet, for which it is kept.
        /// And what a person has made of a message that came in, or that it was deleted: 1, 2 and 3 likewise, though nothing is kept. What was deleted is
        /// nowhere any more, and does not come back.
        /// </summary>
        public void ApplyStatuses() => migration.Sql(
            """
            CREATE FUNCTION apply_status(
                turn bigint, t uuid, now timestamptz, external_id_ text, told integer, told_at timestamptz, code text, words text)
            RETURNS integer LANGUAGE plpgsql AS $$
            DECLARE
                known messages%ROWTYPE;
            BEGIN
                PERFORM pg_advisory_xact_lock(turn);
                SELECT * INTO known FROM messages m WHERE m.tenant_id = t AND m.external_id = external_id_;
                IF NOT FOUND THEN
                    DELETE FROM early_statuses e WHERE e.tenant_id = t AND e.received_at < now - interval '7 days';
                    INSERT INTO early_statuses AS e (tenant_id, external_id, status, at, error_code, error_message, received_at)
                    VALUES (t, external_id_, told, told_at, code, words, now)
                    ON CONFLICT (tenant_id, external_id) DO UPDATE
                    SET status = told, at = told_at, error_code = code, error_message = words WHERE status_replaces(e.status, told);
                    RETURN 3;
                END IF;
                IF known.direction = 1 OR NOT status_replaces(known.status, told) THEN
                    RETURN 2;
                END IF;

                UPDATE messages m SET status = told, status_at = told_at, error_code = code, error_message = words,
                    is_stale = (m.sync_state = 2), position = nextval('message_positions')
                WHERE m.tenant_id = t AND m.id = known.id;
                IF known.sync_state = 2 THEN
                    PERFORM queue_delivery(t, now);
                END IF;
                PERFORM pg_notify('message_changes', t::text);
                RETURN 1;
            END $$;

            CREATE FUNCTION change_message(
                turn bigint, t uuid, now timestamptz, original text, channel uuid, words text, told text, at timestamptz)
            RETURNS integer LANGUAGE plpgsql AS $$
            DECLARE
                known messages%ROWTYPE;
                says text := coalesce(words, '[deleted]');
            BEGIN
                PERFORM pg_advisory_xact_lock(turn);
                SELECT * INTO known FROM messages m
                WHERE m.tenant_id = t AND m.external_id = original AND m.channel_id = channel AND m.direction = 1;
                IF NOT FOUND THEN
                    RETURN 3;
                END IF;
                -- WhatsApp tells an edit again for days, also behind a later one
                IF known.type = 'revoke' OR (words IS NOT NULL AND known.edited_at > at) THEN
                    RETURN 2;
                END IF;
                IF known.text = words THEN
                    UPDATE messages m SET edited_at = at WHERE m.tenant_id = t AND m.id = known.id;
                    RETURN 2;
                END IF;

                UPDATE messages m SET text = says, edited_at = at, type = CASE WHEN words IS NULL THEN 'revoke' ELSE m.type END,
                    is_stale = (m.sync_state = 2), position = nextval('message_positions')
                WHERE m.tenant_id = t AND m.id = known.id;
                UPDATE message_contents SET content = told WHERE tenant_id = t AND message_id = known.id;
                UPDATE conversations SET last_text = left(says, 200), updated_at = now
                WHERE tenant_id = t AND id = known.conversation_id AND last_message_at = known.sent_at AND last_text = left(known.text, 200);
                IF known.sync_state = 2 THEN
                    UPDATE day_notes SET is_dirty = true
                    WHERE tenant_id = t AND conversation_id = known.conversation_id AND day = (known.sent_at AT TIME ZONE 'UTC')::date;
                    PERFORM queue_delivery(t, now);
                END IF;
                PERFORM pg_notify('message_changes', t::text);
                RETURN 1;
            END $$;
            """);

        /// <summary>
        /// WhatsApp says that a user has another id, or another phone: the conversation goes on under it, and what was already written under it is joined. A
        /// phone that another user has written from stays that user's, and a conversation with a third phone is somebody's own.
        /// </summary>
        public void ChangeIdentities() => migration.Sql(
            """
            CREATE FUNCTION change_identity(
                turn bigint, t uuid, now timestamptz, old_user text, old_key text, new_user text, new_phone text, new_key text)
            RETURNS boolean LANGUAGE plpgsql AS $$
            DECLARE
                known conversations%ROWTYPE;
                other conversations%ROWTYPE;
                kept uuid;
            BEGIN
                PERFORM pg_advisory_xact_lock(turn);
                SELECT conversation_id INTO kept FROM conversation_users WHERE tenant_id = t AND user_id = old_user;
                IF kept IS NULL THEN
                    SELECT id INTO kept FROM conversations WHERE tenant_id = t AND phone_key = old_key;
                END IF;
                IF kept IS NULL THEN
                    RETURN false;
                END IF;

                FOR other IN
                    SELECT c.* FROM conversations c
                    WHERE c.tenant_id = t AND c.id <> kept AND (
                        c.id = (SELECT u.conversation_id FROM conversation_users u WHERE u.tenant_id = t AND u.user_id = new_user)
                        OR c.phone_key = new_key)
                LOOP
                    SELECT * INTO known FROM conversations WHERE tenant_id = t AND id = kept;
                    CONTINUE WHEN CASE
                        WHEN other.phone_key IS NULL THEN false
                        WHEN new_key IS NULL THEN known.phone_key IS NOT NULL
                        ELSE other.phone_key <> new_key OR EXISTS (
                            SELECT FROM conversation_users u
                            WHERE u.tenant_id = t AND u.conversation_id = other.id
                                AND u.user_id IS DISTINCT FROM new_user AND u.user_id IS DISTINCT FROM old_user) END;
                    -- the one with a lead is left
                    IF known.crm_record_id IS NULL AND other.crm_record_id IS NOT NULL THEN
                        PERFORM join_conversations(t, known.id, other.id, now);
                        kept := other.id;
                    ELSE
                        PERFORM join_conversations(t, other.id, known.id, now);
                    END IF;
                END LOOP;

                IF new_user IS NOT NULL THEN
                    INSERT INTO conversation_users (tenant_id, user_id, conversation_id) VALUES (t, new_user, kept)
                    ON CONFLICT (tenant_id, user_id) DO NOTHING;
                    UPDATE conversations SET user_id = new_user, updated_at = now
                    WHERE tenant_id = t AND id = kept AND EXISTS (
                        SELECT FROM conversation_users u WHERE u.tenant_id = t AND u.user_id = new_user AND u.conversation_id = kept);
                END IF;
                IF new_key IS NOT NULL AND NOT EXISTS (SELECT FROM conversations WHERE tenant_id = t AND phone_key = new_key) THEN
                    UPDATE conversations SET phone = new_phone, phone_key = new_key, updated_at = now WHERE tenant_id = t AND id = kept;
                END IF;
                PERFORM pg_notify('message_changes', t::text);
                RETURN true;
            END $$;
            """);
    }
}
