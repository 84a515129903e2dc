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
        /// from now on, and the phone's is it; unless the user's has another phone, which somebody else has by now.
        /// </summary>
        public void FindConversations() => migration.Sql(
            """
            CREATE FUNCTION join_conversations(t uuid, old uuid, kept uuid, now timestamptz) RETURNS void LANGUAGE plpgsql AS $$ BEGIN
                UPDATE messages SET conversation_id = kept, position = nextval('message_positions') WHERE tenant_id = t AND conversation_id = old;
                UPDATE conversation_users SET conversation_id = kept WHERE tenant_id = t AND conversation_id = old;
                UPDATE conversations k SET
                    messages = k.messages + o.messages, unread = k.unread + o.unread, created_at = least(k.created_at, o.created_at),
                    last_text = CASE WHEN o.last_message_at > k.last_message_at THEN o.last_text ELSE k.last_text END,
                    last_message_at = greatest(k.last_message_at, o.last_message_at), name = coalesce(k.name, o.name), updated_at = now
                FROM conversations o WHERE k.tenant_id = t AND k.id = kept AND o.tenant_id = t AND o.id = old;
                UPDATE conversations SET joined_into = kept, messages = 0, unread = 0, updated_at = now WHERE tenant_id = t AND id = old;
                UPDATE conversations SET joined_into = kept WHERE tenant_id = t AND joined_into = old;
            END $$;

            CREATE FUNCTION conversation_of(
                t uuid, fresh uuid, phone_ text, key_ text, user_ text, name_ text, sent timestamptz, now timestamptz)
            RETURNS uuid LANGUAGE plpgsql AS $$
            DECLARE
                by_phone uuid;
                by_user uuid;
                found_ uuid;
            BEGIN
                IF key_ IS NOT NULL THEN
                    SELECT id INTO by_phone FROM conversations WHERE tenant_id = t AND phone_key = key_;
                END IF;
                IF user_ IS NOT NULL THEN
                    SELECT conversation_id INTO by_user FROM conversation_users WHERE tenant_id = t AND user_id = user_;
                END IF;
                IF by_user IS NOT NULL AND key_ IS NOT NULL AND by_user IS DISTINCT FROM by_phone THEN
                    IF EXISTS (SELECT FROM conversations WHERE tenant_id = t AND id = by_user AND phone_key IS NOT NULL) THEN
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
        /// Stores one message and answers with 1, or with 2 and what is known where its external id is. A tenant whose messages are for Zoho CRM
        /// has a place in the queue then.
        /// </summary>
        public void StoreMessages() => migration.Sql(
            """
            CREATE FUNCTION store_message(
                turn bigint, t uuid, now timestamptz, fresh uuid, fresh_conversation uuid, external_id_ text, channel_id_ uuid, source_ text, direction_ integer,
                type_ text, text_ text, campaign_ text, content_ text, sent timestamptz, status_ integer, phone_ text, key_ text, user_ text, name_ text)
            RETURNS TABLE (outcome integer, message_id uuid, conversation uuid) LANGUAGE plpgsql AS $$
            DECLARE
                early early_statuses%ROWTYPE;
                place bigint;
                state integer := CASE WHEN key_ IS NULL THEN 3 ELSE 1 END;
            BEGIN
                PERFORM pg_advisory_xact_lock(turn);
                SELECT 2, m.id, m.conversation_id INTO outcome, message_id, conversation
                FROM messages m WHERE m.tenant_id = t AND m.external_id = external_id_;
                IF FOUND THEN
                    RETURN NEXT;
                    RETURN;
                END IF;

                conversation := conversation_of(t, fresh_conversation, phone_, key_, user_, name_, sent, now);
                -- whose phone is known from another message
                IF key_ IS NULL AND EXISTS (SELECT FROM conversations c WHERE c.tenant_id = t AND c.id = conversation AND c.phone_key IS NOT NULL) THEN
                    state := 1;
                END IF;
                DELETE FROM early_statuses e WHERE e.tenant_id = t AND e.external_id = external_id_ RETURNING * INTO early;
                IF NOT FOUND OR direction_ = 1 OR NOT status_replaces(status_, early.status) THEN
                    early := NULL;
                END IF;

                place := nextval('message_positions');
                INSERT INTO messages (
                    tenant_id, id, conversation_id, external_id, channel_id, source, direction, type, text, campaign, content, sent_at, received_at,
                    status, status_at, error_code, error_message, sync_state, sync_code, sync_message, attempts, is_asked_for, is_stale, sequence, position)
                VALUES (
                    t, fresh, conversation, external_id_, channel_id_, source_, direction_, type_, text_, campaign_, content_, sent, now,
                    coalesce(early.status, status_), coalesce(early.at, CASE WHEN status_ > 0 THEN sent END), early.error_code, early.error_message,
                    state, CASE WHEN state = 3 THEN 'no_phone' ELSE '' END,
                    CASE WHEN state = 3 THEN 'The person''s phone is not known: leads of Zoho CRM are found by it. Resend it once a message has told the phone.' ELSE '' END,
                    0, false, false, place, place);
                UPDATE conversations c SET
                    messages = c.messages + 1, unread = c.unread + CASE WHEN direction_ = 1 THEN 1 ELSE 0 END, updated_at = now,
                    last_text = CASE WHEN sent >= c.last_message_at THEN left(text_, 200) ELSE c.last_text END,
                    last_message_at = greatest(c.last_message_at, sent),
                    name = CASE WHEN direction_ = 1 OR c.name IS NULL THEN coalesce(name_, c.name) ELSE c.name END,
                    user_id = coalesce(user_, c.user_id), phone = coalesce(c.phone, phone_),
                    crm_state = CASE WHEN state = 1 AND c.crm_state = 1 THEN 2 ELSE c.crm_state END
                WHERE c.tenant_id = t AND c.id = conversation;
                IF state = 1 THEN
                    PERFORM queue_delivery(t, now);
                END IF;
                PERFORM pg_notify('message_changes', t::text);
                outcome := 1;
                message_id := fresh;
                RETURN NEXT;
            END $$;

            CREATE FUNCTION queue_delivery(t uuid, now timestamptz) RETURNS void LANGUAGE sql AS $$
                INSERT INTO delivery_queue AS q (tenant_id, id, due_at) VALUES (t, t, now)
                ON CONFLICT (tenant_id, id) DO UPDATE SET due_at = greatest(now, coalesce(q.not_before, now))
                WHERE q.due_at > greatest(now, coalesce(q.not_before, now))
            $$;
            """);

        /// <summary>
        /// Notes how far a message came and answers with 1; with 2 where that says nothing new, and 3 where the message is not here yet, for which it is kept.
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
            """);

        /// <summary>
        /// WhatsApp says that a user has another id, or another phone: the conversation goes on under it. A phone that somebody else has by now leaves it
        /// where it is.
        /// </summary>
        public void ChangeIdentities() => migration.Sql(
            """
            CREATE FUNCTION change_identity(
                turn bigint, t uuid, now timestamptz, old_user text, old_key text, new_user text, new_phone text, new_key text)
            RETURNS boolean LANGUAGE plpgsql AS $$
            DECLARE
                known uuid;
            BEGIN
                PERFORM pg_advisory_xact_lock(turn);
                SELECT conversation_id INTO known FROM conversation_users WHERE tenant_id = t AND user_id = old_user;
                IF known IS NULL THEN
                    SELECT id INTO known FROM conversations WHERE tenant_id = t AND phone_key = old_key;
                END IF;
                IF known IS NULL THEN
                    RETURN false;
                END IF;
                IF new_user IS NOT NULL THEN
                    INSERT INTO conversation_users (tenant_id, user_id, conversation_id) VALUES (t, new_user, known)
                    ON CONFLICT (tenant_id, user_id) DO NOTHING;
                    UPDATE conversations SET user_id = new_user, updated_at = now WHERE tenant_id = t AND id = known;
                END IF;
                IF new_key IS NOT NULL AND NOT EXISTS (SELECT FROM conversations WHERE tenant_id = t AND phone_key = new_key) THEN
                    UPDATE conversations SET phone = new_phone, phone_key = new_key, updated_at = now WHERE tenant_id = t AND id = known;
                END IF;
                RETURN true;
            END $$;
            """);
    }
}
