using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;
using Grpc.Core;
using ZohoPlatform.Contracts.Messaging.V1;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Storage;
using ZohoPlatform.Testing;

namespace ZohoPlatform.MessagingService.Tests.WhatsApp;

/// <summary>What Meta sends to a channel's address is stored where the app has signed it, and nothing else is.</summary>
public sealed class ChannelTests(Zoho zoho) : IClassFixture<Zoho>
{
    private const string AppSecret = "zonda-demo-app-secret-01";
    private const string WithoutNumbersSignature = "sha256=cfd5ab6829cf1debfc9f16c719eed35be358d456c76721b6789cc71b3bae82e0";

    [Fact]
    public async Task What_the_app_has_signed_is_stored_once_and_nothing_else_is()
    {
        await using var world = await MessagingWorld.StartAsync(zoho);
        var (tenant, made) = await ChannelAsync(world);
        var id = made.Channel.Id;
        world.KeepOutOfLogs(AppSecret, made.VerifyToken, "BR.90000000000000000001");

        foreach (var (body, signature, code, status) in ((string, string, string, StatusCode)[])
        [
            (Samples.WithoutNumber, "", "signature_missing", StatusCode.Unauthenticated),
            (Samples.WithoutNumber, "sha256=" + new string('0', 64), "signature_wrong", StatusCode.PermissionDenied),
            (Samples.WithoutNumber + "\n", WithoutNumbersSignature, "signature_wrong", StatusCode.PermissionDenied),
            (Samples.WithoutNumber[..^1], WithoutNumbersSignature, "signature_wrong", StatusCode.PermissionDenied),
            (Samples.WithoutNumberInLetters, WithoutNumbersSignature, "signature_wrong", StatusCode.PermissionDenied),
            (Samples.WithoutNumber, Sign(Samples.WithoutNumber, "zonda-demo-app-secret-02"), "signature_wrong", StatusCode.PermissionDenied),
            ("[]", Sign("[]"), "invalid_field", StatusCode.InvalidArgument),
            ("no JSON", Sign("no JSON"), "invalid_field", StatusCode.InvalidArgument),
        ])
        {
            var refused = await Assert.ThrowsAsync<RpcException>(() => ReceiveAsync(world, id, body, signature));
            Assert.Equal((code, status), (refused.Trailers.GetValue(GrpcFailures.CodeTrailer), refused.StatusCode));
        }

        Assert.Equal(0L, await world.SqlAsync("SELECT count(*) FROM messages"));
        var stored = await ReceiveAsync(world, id, Samples.WithoutNumber, WithoutNumbersSignature);
        Assert.Equal((1, 0, 0, 0), (stored.Messages, stored.Statuses, stored.Duplicates, stored.Ignored));
        var replayed = await ReceiveAsync(world, id, Samples.WithoutNumber, WithoutNumbersSignature);
        Assert.Equal((0, 1), (replayed.Messages, replayed.Duplicates));
        var message = Assert.Single(await tenant.MessagesAsync());
        Assert.Equal(("wamid.DEMO1", id, "olá", "Orders"), (message.ExternalId, message.ChannelId, message.Text, message.Source));
        var person = await tenant.ConversationAsync(message.ConversationId);
        Assert.Equal(("Zoë", "BR.90000000000000000001", ""), (person.Name, person.UserId, person.Phone));

        // a body as long as Meta's longest
        var body1000 = Samples.With(
            string.Join(',', Enumerable.Range(0, 700).Select(n => Samples.Message("text", $$"""
                "text":{"body":"Number {{n.ToString(CultureInfo.InvariantCulture)}} of many"}
                """, $"wamid.{n}"))),
            string.Join(',', Enumerable.Range(0, 300).Select(n => Samples.Status("delivered", $"wamid.S{n}"))));
        var many = await ReceiveAsync(world, id, body1000, Sign(body1000));
        Assert.Equal((700, 300, 0, 0), (many.Messages, many.Statuses, many.Duplicates, many.Ignored));
    }

    [Fact]
    public async Task A_channel_is_asked_for_its_token_rotated_changed_and_deleted()
    {
        await using var world = await MessagingWorld.StartAsync(zoho);
        var (tenant, made) = await ChannelAsync(world);
        var (channels, admin, id) = (world.Host.Channels, tenant.As(Role.Admin), made.Channel.Id);
        world.KeepOutOfLogs(AppSecret, made.VerifyToken);

        Assert.Equal("challenge-1", await VerifyAsync(world, id, made.VerifyToken));
        foreach (var token in (string[])[made.VerifyToken[..^1], "", made.Channel.VerifyToken])
        {
            Assert.Equal("verify_token_wrong", (await Refused.ByAsync(() => VerifyAsync(world, id, token))).Code);
        }

        Assert.Equal("verify_token_wrong", (await Refused.ByAsync(() => VerifyAsync(world, id, made.VerifyToken, "unsubscribe"))).Code);
        Assert.Equal("channel_not_found", (await Refused.ByAsync(() => VerifyAsync(world, Guid.NewGuid().ToString(), made.VerifyToken))).Code);
        Assert.Equal("channel_not_found", (await Refused.ByAsync(() => VerifyAsync(world, "nonsense", made.VerifyToken))).Code);

        var rotated = await channels.RotateChannelAsync(new() { Id = id }, admin);
        world.KeepOutOfLogs(rotated.VerifyToken);
        Assert.Equal("verify_token_wrong", (await Refused.ByAsync(() => VerifyAsync(world, id, made.VerifyToken))).Code);
        Assert.Equal("challenge-1", await VerifyAsync(world, id, rotated.VerifyToken));

        // what was read and sent back keeps the secret
        Assert.Equal("••••t-01", made.Channel.AppSecret);
        var late = new UpdateChannelRequest { Id = id, Name = "Other", Etag = made.Channel.Etag };
        Assert.Equal("etag_mismatch", (await Refused.ByAsync(async () => await channels.UpdateChannelAsync(late, admin))).Code);
        var kept = await channels.UpdateChannelAsync(new() { Id = id, Name = "Other", AppSecret = rotated.Channel.AppSecret, Etag = rotated.Channel.Etag }, admin);
        Assert.Equal(("Other", "••••t-01"), (kept.Name, kept.AppSecret));
        Assert.Equal(1, (await ReceiveAsync(world, id, Samples.Text, Sign(Samples.Text))).Messages);
        foreach (var none in (string[])["••••abcd", "a", "1234567"])
        {
            Assert.Equal("invalid_field", (await Refused.ByAsync(async () => await channels.UpdateChannelAsync(new() { Id = id, AppSecret = none }, admin))).Code);
        }

        // who changes them waits for another who does, and not for long
        await using (await world.HoldAsync($"SELECT pg_advisory_xact_lock({AdvisoryLock.KeyOf($"channels {tenant.Id}")})"))
        {
            Assert.Equal("channels_busy", (await Refused.ByAsync(async () => await channels.DeleteChannelAsync(new() { Id = id }, admin))).Code);
        }

        // messages of another number of the same app
        await channels.UpdateChannelAsync(new() { Id = id, PhoneNumberId = "123" }, admin);
        var other = Samples.With(Samples.Message("text", """ "text":{"body":"For somebody else"} """, "wamid.other"));
        var left = await ReceiveAsync(world, id, other, Sign(other));
        Assert.Equal((0, 1), (left.Messages, left.Ignored));

        // without a secret nothing is taken, signed with nothing neither
        await channels.UpdateChannelAsync(new() { Id = id, AppSecret = "" }, admin);
        foreach (var secret in (string[])[AppSecret, ""])
        {
            Assert.Equal("signature_wrong", (await Refused.ByAsync(() => ReceiveAsync(world, id, Samples.Text, Sign(Samples.Text, secret)))).Code);
        }

        var all = (await channels.ListChannelsAsync(new(), admin)).ToString() + (await channels.GetChannelAsync(new() { Id = id }, admin));
        Assert.All((string[])[AppSecret, made.VerifyToken, rotated.VerifyToken], secret => Assert.DoesNotContain(secret, all, StringComparison.Ordinal));
        var others = await world.TenantAsync();
        Assert.Equal("channel_not_found", (await Refused.ByAsync(async () => await channels.GetChannelAsync(new() { Id = id }, others.As(Role.Admin)))).Code);
        Assert.Equal("channel_not_found", (await Refused.ByAsync(async () => await channels.DeleteChannelAsync(new() { Id = id }, others.As(Role.Admin)))).Code);

        await channels.DeleteChannelAsync(new() { Id = id }, admin);
        Assert.Equal("channel_not_found", (await Refused.ByAsync(() => ReceiveAsync(world, id, Samples.Text, Sign(Samples.Text)))).Code);
        Assert.Equal("channel_not_found", (await Refused.ByAsync(() => VerifyAsync(world, id, rotated.VerifyToken))).Code);
        Assert.Single(await tenant.MessagesAsync());
    }

    [Fact]
    public async Task Statuses_come_in_any_order_and_a_user_who_tells_the_phone_is_one_person()
    {
        await using var world = await MessagingWorld.StartAsync(zoho);
        var (tenant, made) = await ChannelAsync(world);
        var id = made.Channel.Id;

        // before its message, out of order, doubled
        await TellAsync(Samples.With("", $"{Samples.Status("read", "wamid.out")},{Samples.Status("delivered", "wamid.out")}"));
        var sent = tenant.To("+55 11 98765-4321", "wamid.out");
        var stored = await tenant.StoreAsync(sent);
        Assert.Equal(DeliveryStatus.Read, (await tenant.MessageAsync(stored.Id)).Status);
        await tenant.SettledAsync();
        await TellAsync(Samples.With("", $"{Samples.Status("sent", "wamid.out")},{Samples.Status("failed", "wamid.out")},{Samples.Status("played", "wamid.out")}"));
        await tenant.SettledAsync();
        Assert.Equal(DeliveryStatus.Played, (await tenant.MessageAsync(stored.Id)).Status);
        Assert.Equal("Played", Assert.Single(await zoho.RecordsAsync(Zoho.Module, "Status")).GetProperty("Status").GetString());
        var again = await TellAsync(Samples.With("", Samples.Status("played", "wamid.out")));
        Assert.Equal((0, 1), (again.Statuses, again.Duplicates));

        // a status of what turns out to have come in is none of it
        await TellAsync(Samples.With("", Samples.Status("delivered", "wamid.in")));
        var came = await tenant.StoreAsync(tenant.From("+49 30 7654321", "wamid.in"));
        Assert.Equal(DeliveryStatus.Unspecified, (await tenant.MessageAsync(came.Id)).Status);
        await tenant.SettledAsync();

        // another number is the same person
        await TellAsync(Samples.With(Samples.Message(
            "system", """ "system":{"body":"...","type":"user_changed_number","wa_id":"5521976543210"} """, "wamid.system")));
        var moved = await tenant.StoreAsync(tenant.From("+55 21 97654-3210", "wamid.moved"));
        await tenant.SettledAsync();
        var there = await tenant.ConversationAsync(moved.ConversationId);
        Assert.Equal((stored.ConversationId, "+5521976543210"), (there.Id, there.Phone));

        // by user id, by phone, and then by both
        var byUser = await tenant.StoreAsync(new NewMessage
        {
            ExternalId = "u1",
            Direction = MessageDirection.Inbound,
            UserId = "BR.77",
            Text = "Who am I to you?",
        });
        var byPhone = await tenant.StoreAsync(tenant.From("+49 30 1111111", "p1"));
        Assert.NotEqual(byUser.ConversationId, byPhone.ConversationId);
        using var watch = world.Host.Messages.WatchMessages(new() { ConversationId = byUser.ConversationId, After = 1 }, tenant.As(Role.Viewer));
        var both = tenant.From("+49 30 1111111", "b1");
        both.UserId = "BR.77";
        var joined = await tenant.StoreAsync(both);
        await tenant.SettledAsync();
        Assert.Equal(byPhone.ConversationId, joined.ConversationId);
        var person = await tenant.ConversationAsync(byUser.ConversationId);
        Assert.Equal((byPhone.ConversationId, "+49301111111", "BR.77", 3, 3), (person.Id, person.Phone, person.UserId, person.Messages, person.Unread));
        var links = new List<string>();
        foreach (var conversation in (string[])[byUser.ConversationId, byPhone.ConversationId])
        {
            var link = await world.Host.Conversations.GetLinkAsync(new() { Id = conversation }, tenant.As(Role.Viewer));
            links.Add(link.Url);
            Assert.Equal(3, (await world.Host.Messages.ListMessagesAsync(new() { ConversationId = conversation }, tenant.As(Role.Viewer))).Messages.Count);
        }

        Assert.Single(links.Distinct(StringComparer.Ordinal));
        var seen = new HashSet<string>(StringComparer.Ordinal);
        using var limit = new CancellationTokenSource(Eventually.Limit);
        while (!seen.IsSupersetOf([byUser.Id, byPhone.Id, joined.Id]) && await watch.ResponseStream.MoveNext(limit.Token))
        {
            seen.UnionWith(watch.ResponseStream.Current.Messages.Select(message => message.Id));
        }

        Assert.Equal(3, (await zoho.RecordsAsync("Leads", "Phone")).Count);

        // one whose message never comes is kept for a week
        await TellAsync(Samples.With("", Samples.Status("read", "wamid.never")));
        world.Clock.Advance(TimeSpan.FromDays(8));
        await TellAsync(Samples.With("", Samples.Status("read", "wamid.neither")));
        Assert.Equal("wamid.neither", await world.SqlAsync("SELECT string_agg(external_id, ' ') FROM early_statuses"));

        Task<ReceiveWebhookResponse> TellAsync(string body) => ReceiveAsync(world, id, body, Sign(body));
    }

    private static async Task<(MessagingTenant Tenant, ChannelWithToken Made)> ChannelAsync(MessagingWorld world)
    {
        var tenant = await world.TenantAsync();
        return (tenant, await world.Host.Channels.CreateChannelAsync(new() { Name = "Orders", AppSecret = AppSecret }, tenant.As(Role.Admin)));
    }

    private static string Sign(string body, string secret = AppSecret) =>
        $"sha256={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(body)))}";

    // the gateway's own, of no tenant
    private static Metadata Gateway(MessagingWorld world) => TestTickets.OwnOf("gateway", TenantId.None, "messaging", world.Clock);

    private static async Task<ReceiveWebhookResponse> ReceiveAsync(
        MessagingWorld world, string channel, string body, string signature)
    {
        return await world.Host.WhatsApp.ReceiveWebhookAsync(
            new ReceiveWebhookRequest { ChannelId = channel, Body = ByteString.CopyFromUtf8(body), Signature = signature }, Gateway(world));
    }

    private static async Task<string> VerifyAsync(MessagingWorld world, string channel, string token, string mode = "subscribe")
    {
        return (await world.Host.WhatsApp.VerifyAddressAsync(
            new VerifyAddressRequest { ChannelId = channel, Mode = mode, VerifyToken = token, Challenge = "challenge-1" }, Gateway(world))).Challenge;
    }
}
