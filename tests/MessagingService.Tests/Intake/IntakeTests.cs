using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Npgsql;
using ZohoPlatform.Contracts.Messaging.V1;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Testing;
using Outcome = ZohoPlatform.Contracts.Messaging.V1.StoredMessage.Types.Outcome;

namespace ZohoPlatform.MessagingService.Tests.Intake;

/// <summary>Messages are stored as they come: each once, in one order, and what is wrong with one is said in its place.</summary>
public sealed class IntakeTests(Zoho zoho) : IClassFixture<Zoho>
{
    private const string Ada = "+49 30 1234567";

    [Fact]
    public async Task A_message_that_comes_several_times_is_stored_once()
    {
        await using var world = await MessagingWorld.StartAsync(zoho, replicas: 2);
        var tenant = await world.TenantAsync();
        world.Tokens.Switch(tenant.Id, false, null);

        var inOne = await tenant.SubmitAsync(tenant.From(Ada, "m1"), tenant.From(Ada, "m1", "Another text"), tenant.From(Ada, "m2"));
        Assert.Equal([Outcome.Stored, Outcome.Duplicate, Outcome.Stored], inOne.Select(one => one.Outcome));
        Assert.Equal(inOne[0].Id, inOne[1].Id);

        // at both replicas at once, the same ones in another order
        var same = Enumerable.Range(0, 200).Select(n => tenant.From(
            string.Create(CultureInfo.InvariantCulture, $"+4930{7000000 + (n % 20)}"), string.Create(CultureInfo.InvariantCulture, $"same {n}"))).ToList();
        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(n => world.Replicas[n % 2].Messages.SubmitMessagesAsync(
            new SubmitMessagesRequest { Messages = { n < 3 ? same : same.AsEnumerable().Reverse() } }, tenant.As(Role.Operator)).ResponseAsync));
        Assert.Equal(200, answers.Sum(answer => answer.Messages.Count(one => one.Outcome is Outcome.Stored)));
        Assert.Equal(200, answers.SelectMany(answer => answer.Messages).Select(one => (one.ExternalId, one.Id, one.ConversationId)).Distinct().Count());
        Assert.Equal(21L, await world.SqlAsync("SELECT count(*) FROM conversations"));
        Assert.Equal(202L, await world.SqlAsync("SELECT count(*) FROM messages"));
        Assert.Equal(202L, await world.SqlAsync("SELECT sum(messages)::bigint FROM conversations"));
    }

    [Fact]
    public async Task What_is_wrong_with_one_is_said_in_its_place_and_the_others_are_stored()
    {
        await using var world = await MessagingWorld.StartAsync(zoho);
        var tenant = await world.TenantAsync();
        var now = world.Clock.GetUtcNow();
        var seen = 0;
        (string Field, Action<NewMessage> Spoil)[] wrong =
        [
            ("external_id", one => one.ExternalId = ""),
            ("external_id", one => one.ExternalId = new string('x', 201)),
            ("external_id", one => one.ExternalId = "a\nb"),
            ("direction", one => one.Direction = MessageDirection.Unspecified),
            ("direction", one => one.Direction = (MessageDirection)9),
            ("phone", one => one.Phone = "030 1234567"),
            ("phone", one => one.Phone = "nonsense"),
            ("phone", one => (one.Phone, one.UserId) = ("", "")),
            ("user_id", one => one.UserId = new string('x', 151)),
            ("name", one => one.Name = new string('x', 201)),
            ("name", one => one.Name = "Ada\0Byron"),
            ("type", one => one.Type = new string('x', 51)),
            ("text", one => one.Text = new string('x', 4097)),
            ("text", one => one.Text = "Nothing\0behind"),
            ("source", one => one.Source = new string('x', 101)),
            ("campaign", one => one.Campaign = new string('x', 201)),
            ("sent_at", one => one.SentAt = (now + TimeSpan.FromHours(25)).ToTimestamp()),
            ("sent_at", one => one.SentAt = DateTimeOffset.UnixEpoch.ToTimestamp()),
            ("sent_at", one => one.SentAt = new Timestamp { Seconds = long.MaxValue }),
            ("status", one => one.Status = DeliveryStatus.Sent),
            ("status", one => (one.Direction, one.Status) = (MessageDirection.Outbound, (DeliveryStatus)99)),
            ("content", one => one.Content = "[]"),
            ("content", one => one.Content = "{"),
            ("content", one => one.Content = $$"""{"a":"{{new string('x', 64 * 1024)}}"}"""),
        ];
        var messages = wrong.SelectMany(one =>
        {
            var spoiled = tenant.From(Ada, $"wrong {seen}");
            one.Spoil(spoiled);
            return (NewMessage[])[spoiled, tenant.From(Ada, $"right {seen++}")];
        });
        var stored = await tenant.SubmitAsync(messages);

        Assert.Equal(
            wrong.Select(one => (Outcome.Refused, "invalid_field", one.Field)),
            stored.Where((_, n) => n % 2 == 0).Select(one => (one.Outcome, one.Code, one.Field)));
        Assert.All(stored.Where((_, n) => n % 2 == 1), one => Assert.Equal(Outcome.Stored, one.Outcome));
        Assert.Equal((long)wrong.Length, await world.SqlAsync("SELECT count(*) FROM messages"));

        // what is said of one is not as long as what was sent
        var endless = await tenant.SubmitAsync(tenant.From(Ada, new string('i', 100_000)));
        Assert.Equal((Outcome.Refused, "external_id", 200), (endless[0].Outcome, endless[0].Field, endless[0].ExternalId.Length));

        // the longest that is taken, halves of characters, and what a text may hold besides
        var longest = tenant.From(Ada, new string('i', 200), new string('ä', 4096), name: new string('n', 200));
        (longest.Content, longest.Type) = ($$"""{"a":"{{new string('x', (64 * 1024) - 8)}}"}""", new string('t', 50));
        var odd = tenant.From(Ada, "odd", "\ud83d\ude00\u0001\r\n\t\"';--\\ \ufffd");
        Assert.All(await tenant.SubmitAsync(longest, odd), one => Assert.Equal(Outcome.Stored, one.Outcome));
        await tenant.SettledAsync();
        Assert.All(await tenant.MessagesAsync(), message => Assert.Equal((message.ExternalId, SyncState.Synced), (message.ExternalId, message.SyncState)));

        foreach (var count in (int[])[0, 501])
        {
            var refused = await Assert.ThrowsAsync<RpcException>(() => tenant.SubmitAsync(
                Enumerable.Range(0, count).Select(n => tenant.From(Ada, string.Create(CultureInfo.InvariantCulture, $"many {n}")))));
            Assert.Equal("invalid_field", refused.Trailers.GetValue(GrpcFailures.CodeTrailer));
        }
    }

    [Fact]
    public async Task More_than_wait_are_refused_and_may_come_again()
    {
        await using var world = await MessagingWorld.StartAsync(zoho);
        var tenant = await world.TenantAsync();
        world.Tokens.Switch(tenant.Id, false, null);
        await tenant.StoreAsync(tenant.From(Ada, "first"));
        await tenant.SettledAsync();

        // the tenant's turn is taken: nothing is committed
        await using var connection = new NpgsqlConnection(world.Database);
        await connection.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var turn = new NpgsqlCommand("SELECT pg_advisory_xact_lock($1)", connection, transaction))
        {
            turn.Parameters.AddWithValue(ZohoPlatform.Storage.AdvisoryLock.KeyOf(MessagingService.Messages.MessageIntake.TurnOf(tenant.Id)));
            await turn.ExecuteNonQueryAsync();
        }

        var calls = Enumerable.Range(0, 14).Select(n => tenant.SubmitAsync(Enumerable.Range(0, 500).Select(one =>
            tenant.From(Ada, string.Create(CultureInfo.InvariantCulture, $"{n} {one}"))))).ToList();
        var refused = await Assert.ThrowsAsync<RpcException>(async () => await await Task.WhenAny(calls));
        Assert.Equal((StatusCode.ResourceExhausted, "messages_waiting"), (refused.StatusCode, refused.Trailers.GetValue(GrpcFailures.CodeTrailer)));
        await transaction.CommitAsync();
        var ended = await Task.WhenAll(calls.Select(async call =>
        {
            try
            {
                return (await call).Count;
            }
            catch (RpcException e) when (e.StatusCode is StatusCode.ResourceExhausted)
            {
                return 0;
            }
        }));
        // one call is being stored, and ten wait
        Assert.InRange(ended.Count(count => count == 500), 10, 11);
        Assert.Equal((long)ended.Sum() + 1, await world.SqlAsync("SELECT count(*) FROM messages"));
        await tenant.StoreAsync(tenant.From(Ada, "again"));
    }

    [Fact]
    public async Task A_stream_acknowledges_what_is_committed_and_who_leaves_takes_nothing_along()
    {
        await using var world = await MessagingWorld.StartAsync(zoho);
        var tenant = await world.TenantAsync();
        world.Tokens.Switch(tenant.Id, false, null);
        await using var second = new NpgsqlConnection(world.Database);
        await second.OpenAsync();
        using (var stream = world.Host.Messages.StreamMessages(tenant.As(Role.Operator)))
        {
            var sending = Task.Run(async () =>
            {
                for (var n = 0; n < 1_500; n++)
                {
                    await stream.RequestStream.WriteAsync(tenant.From(n == 700 ? "nonsense" : Ada, string.Create(CultureInfo.InvariantCulture, $"s{n}")));
                }

                await stream.RequestStream.CompleteAsync();
            });
            var answers = new List<StoredMessage>();
            await foreach (var answer in stream.ResponseStream.ReadAllAsync())
            {
                answers.Add(answer);
                if (answer.Outcome is Outcome.Stored && answers.Count % 100 == 1)
                {
                    await using var look = new NpgsqlCommand("SELECT count(*) FROM messages WHERE id = $1", second);
                    look.Parameters.AddWithValue(Guid.Parse(answer.Id));
                    Assert.Equal(1L, await look.ExecuteScalarAsync());
                }
            }

            await sending;
            Assert.Equal(1_500, answers.Select(answer => answer.ExternalId).Distinct(StringComparer.Ordinal).Count());
            var refused = Assert.Single(answers, answer => answer.Outcome is Outcome.Refused);
            Assert.Equal(("s700", "phone"), (refused.ExternalId, refused.Field));
        }

        // the caller leaves without a word: what was acknowledged stays
        var told = new List<string>();
        using (var leaves = world.Host.Messages.StreamMessages(tenant.As(Role.Operator)))
        {
            for (var n = 0; n < 20; n++)
            {
                await leaves.RequestStream.WriteAsync(tenant.From(Ada, string.Create(CultureInfo.InvariantCulture, $"l{n}")));
            }

            Assert.True(await leaves.ResponseStream.MoveNext(CancellationToken.None));
            told.Add(leaves.ResponseStream.Current.Id);
        }

        Assert.All(told, id => Assert.Equal(1L, world.SqlAsync($"SELECT count(*) FROM messages WHERE id = '{id}'").Result));

        // one that cannot be stored ends the stream, and nobody waits for its answer
        using var broken = world.Host.Messages.StreamMessages(tenant.As(Role.Operator));
        await broken.RequestStream.WriteAsync(tenant.From(Ada, "before"));
        Assert.True(await broken.ResponseStream.MoveNext(CancellationToken.None));
        await world.SqlAsync("ALTER TABLE messages RENAME TO elsewhere");
        try
        {
            await broken.RequestStream.WriteAsync(tenant.From(Ada, "behind"));
            await Assert.ThrowsAsync<RpcException>(() => broken.ResponseStream.MoveNext(CancellationToken.None)).WaitAsync(Eventually.Limit);
        }
        finally
        {
            // other tests have the database after this one
            await world.SqlAsync("ALTER TABLE elsewhere RENAME TO messages");
        }
    }

    [Fact]
    public async Task Whoever_watches_sees_each_change_once_in_order_and_goes_on_behind_a_position()
    {
        await using var world = await MessagingWorld.StartAsync(zoho, replicas: 2);
        var tenant = await world.TenantAsync();
        var begin = await tenant.StoreAsync(tenant.From(Ada, "begin"));
        using var watch = world.Replicas[1].Messages.WatchMessages(new WatchMessagesRequest { After = 1 }, tenant.As(Role.Viewer));
        var seen = new List<Message>();
        await ReadAsync(world, watch, seen, all => all[^1].Id == begin.Id && all[^1].SyncState is SyncState.Synced);

        await Task.WhenAll(Enumerable.Range(0, 10).Select(n => world.Replicas[n % 2].Messages.SubmitMessagesAsync(
            new SubmitMessagesRequest
            {
                Messages =
                {
                    Enumerable.Range(0, 20).Select(one => tenant.From(
                        string.Create(CultureInfo.InvariantCulture, $"+4930{7000000 + one}"), string.Create(CultureInfo.InvariantCulture, $"{n} {one}"))),
                },
            },
            tenant.As(Role.Operator)).ResponseAsync));
        await ReadAsync(
            world, watch, seen, all => all.Where(message => message.SyncState is SyncState.Synced).Select(message => message.Id).Distinct().Count() == 201);

        Assert.Equal(seen.Select(message => message.Position).Order(), seen.Select(message => message.Position));
        Assert.Equal(seen.Count, seen.Select(message => message.Position).Distinct().Count());
        Assert.Equal(201, seen.Select(message => message.Id).Distinct(StringComparer.Ordinal).Count());

        var half = seen[seen.Count / 2].Position;
        using var again = world.Replicas[0].Messages.WatchMessages(new WatchMessagesRequest { After = half }, tenant.As(Role.Viewer));
        var behind = new List<Message>();
        await ReadAsync(world, again, behind, all => all[^1].Position == seen[^1].Position);
        Assert.All(behind, message => Assert.True(message.Position > half));
        Assert.Equal(behind.Count, behind.Select(message => message.Id).Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public async Task Whoever_is_cut_off_before_anything_came_goes_on_from_where_the_stream_began()
    {
        await using var world = await MessagingWorld.StartAsync(zoho);
        var tenant = await world.TenantAsync();
        var before = await tenant.StoreAsync(tenant.From(Ada, "before"));
        await tenant.SettledAsync();
        long began;
        using (var watch = world.Host.Messages.WatchMessages(new WatchMessagesRequest(), tenant.As(Role.Viewer)))
        {
            using var limit = new CancellationTokenSource(Eventually.Limit);
            Assert.True(await watch.ResponseStream.MoveNext(limit.Token));
            Assert.Empty(watch.ResponseStream.Current.Messages);
            began = watch.ResponseStream.Current.Position;
        }

        var missed = await tenant.StoreAsync(tenant.From(Ada, "while nobody looked"));

        var behind = new List<Message>();
        using (var again = world.Host.Messages.WatchMessages(new WatchMessagesRequest { After = began }, tenant.As(Role.Viewer)))
        {
            await ReadAsync(world, again, behind, all => all[^1].SyncState is SyncState.Synced);
        }

        Assert.All(behind, message => Assert.Equal(missed.Id, message.Id));
        using var whole = world.Host.Messages.WatchMessages(new WatchMessagesRequest { After = -1 }, tenant.As(Role.Viewer));
        var all = new List<Message>();
        await ReadAsync(world, whole, all, seen => seen.Count == 2);
        Assert.Equal([before.Id, missed.Id], all.Select(message => message.Id));
    }

    [Fact]
    public async Task Messages_of_one_request_that_tell_an_id_a_phone_and_both_are_one_persons_whoever_was_stored_first()
    {
        const string User = "BR.1502576394655843";
        await using var world = await MessagingWorld.StartAsync(zoho);
        var tenant = await world.TenantAsync();
        world.Tokens.Switch(tenant.Id, false, null);
        var (byId, both) = (tenant.From("", "m1", name: "Ada"), tenant.From(Ada, "m3", "The last one", name: ""));
        (byId.UserId, both.UserId) = (User, User);

        var stored = await tenant.SubmitAsync(byId, tenant.To(Ada, "m2"), both, tenant.From("+49 30 7654321", "m4"));

        var one = Assert.Single(stored.Take(3).Select(message => message.ConversationId).Distinct());
        Assert.NotEqual(one, stored[3].ConversationId);
        // a later one by the id alone
        var later = tenant.From("", "m5", "And another", name: "Ada B.");
        later.UserId = User;
        Assert.Equal(one, (await tenant.SubmitAsync(later))[0].ConversationId);
        foreach (var message in stored.Take(3))
        {
            Assert.Equal((one, "crm_disabled"), await PlaceAsync(message.Id));
        }

        var conversation = await tenant.ConversationAsync(one);
        Assert.Equal(
            ("+49301234567", User, "Ada B.", 4, 3, "And another"),
            (conversation.Phone, conversation.UserId, conversation.Name, conversation.Messages, conversation.Unread, conversation.LastText));

        async Task<(string, string)> PlaceAsync(string id)
        {
            await tenant.SettledAsync();
            var message = await tenant.MessageAsync(id);
            return (message.ConversationId, message.Code);
        }
    }

    [Fact]
    public async Task Of_a_conversation_that_there_is_not_nothing_is_listed_and_nothing_watched()
    {
        await using var world = await MessagingWorld.StartAsync(zoho);
        var (tenant, other) = (await world.TenantAsync(), await world.TenantAsync());
        var theirs = await other.StoreAsync(other.From(Ada, "m1"));
        foreach (var id in (string[])["nonsense", Guid.NewGuid().ToString(), theirs.ConversationId])
        {
            using var watch = world.Host.Messages.WatchMessages(new() { ConversationId = id }, tenant.As(Role.Viewer));
            Assert.Equal(
                "conversation_not_found",
                (await Refused.ByAsync(async () =>
                {
                    while (await watch.ResponseStream.MoveNext(CancellationToken.None))
                    {
                        Assert.Empty(watch.ResponseStream.Current.Messages);
                    }
                })).Code);
            Assert.Equal(
                "conversation_not_found",
                (await Refused.ByAsync(async () => await world.Host.Messages.ListMessagesAsync(new() { ConversationId = id }, tenant.As(Role.Viewer)))).Code);
        }
    }

    private static async Task ReadAsync(
        MessagingWorld world, AsyncServerStreamingCall<MessageEvents> stream, List<Message> into, Func<List<Message>, bool> until)
    {
        using var limit = new CancellationTokenSource(Eventually.Limit);
        while (into.Count == 0 || !until(into))
        {
            var next = stream.ResponseStream.MoveNext(limit.Token);
            await Eventually.GetAsync(
                () =>
                {
                    // where another one watches, both take turns
                    world.Clock.Advance(TimeSpan.FromMilliseconds(25));
                    return Task.FromResult(next.IsCompleted);
                },
                isThere => isThere);
            Assert.True(await next);
            into.AddRange(stream.ResponseStream.Current.Messages);
        }
    }
}
