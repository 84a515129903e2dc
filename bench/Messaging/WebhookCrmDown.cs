using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Grpc.Net.Client;
using ZohoPlatform.Contracts.Messaging.V1;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.Testing;

namespace ZohoPlatform.Bench.Messaging;

/// <summary>
/// How long WhatsApp waits for the answer to a webhook while Zoho CRM does not work, beside how long it waits while messages are delivered. A round has
/// one lap of each, and each round another kind of trouble.
/// </summary>
internal static class WebhookCrmDown
{
    private const int Webhooks = 1_000;
    private const int People = 200;
    private const string PhoneNumberId = "800000000000002";
    private const string Module = "Messages1";

    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(20);

    // it is tried again after as long as it was away, about
    private static readonly TimeSpan CaughtUpWithin = TimeSpan.FromMinutes(4);
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(250);

    private static readonly string[] Troubles = ["reset", "html500", "hang"];

    private static readonly (string Name, string Type)[] Fields =
        [("Message_Text", "textarea"), ("Direction", "text"), ("Phone", "phone"), ("Status", "text"), ("Sent_At", "datetime")];

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(int rounds)
    {
        await using var bed = await MessagingBed.StartAsync(isDurable: true);
        await MakeModuleAsync(bed.Platform.Zoho);
        var secret = RandomNumberGenerator.GetHexString(32, lowercase: true);
        using var http = new HttpClient { BaseAddress = bed.Gateway.Address };
        var meta = new Meta(http, await ConnectAsync(bed, secret), secret);

        // makes the people's leads, too
        await LapAsync(bed, meta);
        await CaughtUpAsync(bed);

        var round = 0;
        return await Figure.OfRoundsAsync(rounds, async () =>
        {
            var trouble = Troubles[round % Troubles.Length];
            // who goes first changes with each round
            var (up, down) = round++ % 2 == 0
                ? (await UpAsync(bed, meta), await DownAsync(bed, meta, trouble))
                : await DownFirstAsync(bed, meta, trouble);
            return
            [
                new("answer p50, CRM down", "ms", [down.Median]),
                new("answer p50, CRM up", "ms", [up.Median]),
                new("answer p99, CRM down", "ms", [down.Slow]),
                new("answer p99, CRM up", "ms", [up.Slow]),
                new("answer p99, ratio", "x", [down.Slow / up.Slow], new Target(AtMost: 1.3)),
                new("webhooks, CRM down", "1/s", [down.PerSecond]),
                new("webhooks, CRM up", "1/s", [up.PerSecond]),
                new("delivered in the lap, CRM up", "", [up.Delivered]),
                new("answers other than 200", "", [up.Refused + down.Refused], Target.None),
                new("messages not stored", "", [meta.Messages - await bed.AskAsync<long>("SELECT count(*) FROM messages")], Target.None),
                new("messages not in the CRM at the end", "", [await WaitingAsync(bed, "<>")], Target.None),
            ];
        });
    }

    private static async Task<(Lap Up, Lap Down)> DownFirstAsync(MessagingBed bed, Meta meta, string trouble)
    {
        var down = await DownAsync(bed, meta, trouble);
        return (await UpAsync(bed, meta), down);
    }

    private static async Task<Lap> UpAsync(MessagingBed bed, Meta meta)
    {
        var lap = await LapAsync(bed, meta);
        await CaughtUpAsync(bed);
        return lap.Delivered > 0 ? lap : throw new InvalidOperationException("Nothing was delivered meanwhile.");
    }

    private static async Task<Lap> DownAsync(MessagingBed bed, Meta meta, string trouble)
    {
        var fault = await bed.Platform.Zoho.ControlAsync(HttpMethod.Post, "faults", new { kind = trouble, host = "www.zohoapis.*" });
        var lap = await LapAsync(bed, meta);
        var now = await bed.Platform.Zoho.ControlAsync(
            HttpMethod.Get, string.Create(CultureInfo.InvariantCulture, $"faults/{fault.GetProperty("id").GetInt32()}"));
        await bed.Platform.Zoho.ControlAsync(HttpMethod.Delete, "faults");
        await CaughtUpAsync(bed);
        return lap.Delivered == 0 && now.GetProperty("hits").GetInt32() > 0
            ? lap
            : throw new InvalidOperationException($"Zoho CRM was not away: {lap.Delivered} were delivered, the fault is {now}.");
    }

    private static async Task<Lap> LapAsync(MessagingBed bed, Meta meta)
    {
        var before = await DeliveredAsync(bed);
        var begun = TimeProvider.System.GetTimestamp();
        var answers = new List<Task<(double Milliseconds, bool IsTaken)>>();
        while (answers.Count < Webhooks)
        {
            // in its own time, whatever became of those before
            if (Every * answers.Count - TimeProvider.System.GetElapsedTime(begun) is var early && early > TimeSpan.Zero)
            {
                await Task.Delay(early);
            }

            answers.Add(meta.TellAsync(answers.Count));
        }

        var all = await Task.WhenAll(answers);
        var elapsed = TimeProvider.System.GetElapsedTime(begun);
        var times = all.Select(answer => answer.Milliseconds).Order().ToList();
        return new Lap(
            times[times.Count / 2], times[times.Count * 99 / 100], all.Length / elapsed.TotalSeconds, all.Count(answer => !answer.IsTaken),
            await DeliveredAsync(bed) - before);
    }

    private static Task<long> DeliveredAsync(MessagingBed bed) => WaitingAsync(bed, "=");

    private static Task<long> WaitingAsync(MessagingBed bed, string isSynced) =>
        bed.AskAsync<long>($"SELECT count(*) FROM messages WHERE sync_state {isSynced} {(int)SyncState.Synced}");

    private static async Task CaughtUpAsync(MessagingBed bed)
    {
        using var limit = new CancellationTokenSource(CaughtUpWithin);
        while (await WaitingAsync(bed, "<>") is > 0 and var waiting)
        {
            if (limit.IsCancellationRequested)
            {
                throw new TimeoutException($"{waiting} messages are not in the CRM: {await bed.AskAsync<string>(
                    "SELECT string_agg(DISTINCT concat_ws(' ', sync_state, sync_code, sync_message), '; ') FROM messages WHERE sync_state <> 2")}");
            }

            await Task.Delay(LookEvery);
        }
    }

    // the module that an organisation makes for messages, and credits for all of them
    private static async Task MakeModuleAsync(SimulatorProcess zoho)
    {
        await zoho.ControlAsync(HttpMethod.Put, "crm/us/plan", new { credits = 1_000_000, concurrency = 25, sub_concurrency = 10 });
        await zoho.ControlAsync(HttpMethod.Post, "crm/us/modules", new { api_name = Module, singular_label = Module, plural_label = "Messages" });
        await FieldAsync(new { api_name = "External_Id", type = "text", length = 120, unique = true });
        await FieldAsync(new { api_name = "Lead", type = "lookup", lookup_module = "Leads" });
        await FieldAsync(new { api_name = "Contact", type = "lookup", lookup_module = "Contacts" });
        foreach (var (name, type) in Fields)
        {
            await FieldAsync(new { api_name = name, type });
        }

        Task FieldAsync(object field) => zoho.ControlAsync(HttpMethod.Post, $"crm/us/{Module}/fields", field);
    }

    // conversations go to the CRM, and come through this channel
    private static async Task<string> ConnectAsync(MessagingBed bed, string secret)
    {
        using var tokens = GrpcChannel.ForAddress(bed.Platform.TokensAddress);
        await new IntegrationSettingsStore.IntegrationSettingsStoreClient(tokens).UpdateSettingsAsync(
            new UpdateSettingsRequest { Provider = "zoho", CrmEnabled = true }, bed.Platform.Ticket("tokens"));
        using var messaging = GrpcChannel.ForAddress(bed.Messaging.Address);
        var made = await new MessagingChannels.MessagingChannelsClient(messaging).CreateChannelAsync(
            new CreateChannelRequest { Name = "Shop", AppSecret = secret, PhoneNumberId = PhoneNumberId }, bed.Platform.Ticket("messaging"));
        return made.Channel.Id;
    }

    private sealed record Lap(double Median, double Slow, double PerSecond, int Refused, long Delivered);

    // what WhatsApp does: of two webhooks one has a second message
    private sealed class Meta(HttpClient http, string channel, string secret)
    {
        private readonly byte[] _secret = Encoding.UTF8.GetBytes(secret);

        public int Messages { get; private set; }

        public async Task<(double Milliseconds, bool IsTaken)> TellAsync(int n)
        {
            var from = Texts.PhoneOf(n % People)[1..];
            var messages = string.Join(',', Enumerable.Range(0, 1 + (n % 2)).Select(_ => Message(from, n)));
            Messages += 1 + (n % 2);
            var body = Encoding.UTF8.GetBytes(
                $$$"""
                {"object":"whatsapp_business_account","entry":[{"id":"700000000000001","changes":[{"field":"messages","value":{"messaging_product":"whatsapp",
                "metadata":{"display_phone_number":"15550001234","phone_number_id":"{{{PhoneNumberId}}}"},
                "contacts":[{"profile":{"name":"Ada"},"wa_id":"{{{from}}}"}],"messages":[{{{messages}}}]}}]}]}
                """);
            using var request = new HttpRequestMessage(HttpMethod.Post, $"webhooks/whatsapp/{channel}") { Content = new ByteArrayContent(body) };
            request.Content.Headers.ContentType = new("application/json");
            request.Headers.Add("X-Hub-Signature-256", $"sha256={Convert.ToHexStringLower(HMACSHA256.HashData(_secret, body))}");
            var begun = TimeProvider.System.GetTimestamp();
            using var answer = await http.SendAsync(request);
            return (TimeProvider.System.GetElapsedTime(begun).TotalMilliseconds, answer.StatusCode is HttpStatusCode.OK);
        }

        private static string Message(string from, int n) => string.Create(
            CultureInfo.InvariantCulture,
            $$$"""
            {"from":"{{{from}}}","id":"wamid.{{{Guid.NewGuid():N}}}","timestamp":"{{{TimeProvider.System.GetUtcNow().ToUnixTimeSeconds()}}}","type":"text","text":{"body":"{{{Texts.Of(n)}}}"}}
            """);
    }
}
