using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace ZohoPlatform.Testing;

/// <summary>
/// A tenant that takes whatever it can get, all at once and until it is disposed: slow uploads, uploads of very many rows, syncs at the slowest
/// pace, syncs from a database that never answers, fresh reads of Zoho, open streams, registrations as fast as they are taken, messages singly and by
/// the batch with as much in each as it may have, searches through them, keys, and wrong keys from the same address.
/// </summary>
public sealed class HostileTenant : IAsyncDisposable
{
    private const int Keys = 8;
    private const int SlowUploads = 60;
    private const int SlowSyncs = 22;
    // more than a tenant may have
    private const int Streams = 240;
    // as many with the longest content as a body has room for
    private const int MessagesOfABatch = 70;
    private const int LongestText = 4_096;
    private const int LongestContent = 64 * 1024;

    private static readonly string[] Attacks =
    [
        "slow upload", "stream", "registration", "fresh read", "upload of rows", "sync of a table", "key", "wrong key", "message", "batch of messages",
        "watch of messages", "search of messages",
    ];

    private static readonly string Text = new('x', LongestText);
    private static readonly object Content = new { pad = new string('x', LongestContent - 100) };

    private readonly Uri _gateway;
    private readonly IReadOnlyList<string> _keys;
    private readonly List<HttpClient> _clients = [];
    private readonly CancellationTokenSource _end = new();
    private readonly List<Task> _attacks = [];
    private readonly string _syncOfStreams;
    private readonly TcpListener _silent;
    private readonly ConcurrentDictionary<string, int> _answers = new(StringComparer.Ordinal);

    private HostileTenant(Uri gateway, string tenantId, IReadOnlyList<string> keys, string syncOfStreams, int silentPort)
    {
        (_gateway, TenantId, _keys, _syncOfStreams) = (gateway, tenantId, keys, syncOfStreams);
        // the system takes its connections, and nobody reads what they say
        _silent = new TcpListener(IPAddress.Loopback, silentPort);
        _silent.Start();
        var table = new
        {
            connection_string = string.Create(CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={silentPort};Database=d;Username=u;Password=fake"),
            table = "users",
        };
        var http = keys.Select(key => Client(key)).ToList();
        for (var i = 0; i < SlowUploads; i++)
        {
            var one = http[i % Keys];
            Go(() => UploadSlowlyAsync(one));
        }

        for (var i = 0; i < Streams; i++)
        {
            var one = http[i % Keys];
            Go(() => StreamAsync("stream", one, $"campaigns/syncs/{_syncOfStreams}/events"));
            Go(() => StreamAsync("watch of messages", one, "messages/events"));
        }

        for (var i = 0; i < Keys; i++)
        {
            var (one, n) = (http[i], i);
            Go(() => RepeatAsync("registration", () => PostAsync(one, "campaigns/contacts", new { email = $"hostile-{n}-{Guid.NewGuid():N}@example.com" })));
            Go(() => RepeatAsync("fresh read", () => GetAsync(one, "campaigns/lists?refresh=true")));
            Go(() => RepeatAsync("upload of rows", () => UploadAsync(one, string.Join('\n', ["a,b", .. Enumerable.Repeat("1,", 20_000)])), everyMilliseconds: 1_000));
            Go(() => RepeatAsync("sync of a table", () => PostAsync(one, "campaigns/syncs", new { source = new { table } }), everyMilliseconds: 1_000));
            Go(() => RepeatAsync("message", () => PostAsync(one, "messages", NewMessage())));
            Go(() => RepeatAsync(
                "batch of messages",
                () => PostAsync(one, "messages", new { messages = Enumerable.Range(0, MessagesOfABatch).Select(_ => NewMessage()) }),
                everyMilliseconds: 1_000));
            Go(() => RepeatAsync("search of messages", () => GetAsync(one, "messages?query=is+nowhere&page_size=200")));
            Go(() => RepeatAsync("key", () => PostAsync(one, "admin/keys", new { name = "more", role = "viewer" })));
        }

        var nobody = Client("zp_nobody_fakefakefakefakefakefakefakefakefakefake");
        Go(() => RepeatAsync("wrong key", () => GetAsync(nobody, "whoami")));
    }

    /// <summary>Its id.</summary>
    public string TenantId { get; }

    /// <summary>How often an attack was answered with a status: <c>stream 429</c>.</summary>
    public IReadOnlyDictionary<string, int> Answers => _answers;

    /// <summary>Its attacks that were never refused yet.</summary>
    public IReadOnlyList<string> Unrefused =>
        [.. Attacks.Where(attack => !_answers.Keys.Any(answer => answer.StartsWith(attack, StringComparison.Ordinal) && answer.Split(' ')[^1] is "401" or "409" or "413" or "429" or "cut"))];

    /// <summary>How often it was told that it has had its share.</summary>
    public int Refused => _answers.Where(one => one.Key.EndsWith(" 429", StringComparison.Ordinal)).Sum(one => one.Value);

    /// <summary>A tenant of its own with a connection, a list, and syncs that wait for their pace; then all of the rest begins.</summary>
    /// <param name="gateway">Of the platform.</param>
    /// <param name="platformKey">With which tenants are made.</param>
    /// <param name="world">The simulator's account of itself, <c>/_simulator/world</c>: whom it connects to.</param>
    /// <param name="dataCentre">Where its organisation is.</param>
    /// <param name="sourcePort">A free port of loopback where the platform reads tables of companies.</param>
    public static async Task<HostileTenant> BeginAsync(Uri gateway, string platformKey, JsonElement world, string dataCentre, int sourcePort)
    {
        using var platform = ClientOf(gateway, platformKey);
        platform.Timeout = Eventually.Limit;
        var tenant = await MakeAsync(platform, "admin/tenants", new { name = $"hostile-{Guid.NewGuid():N}" });
        var id = tenant.GetProperty("id").GetString()!;
        var keys = new List<string>();
        for (var i = 0; i < Keys; i++)
        {
            keys.Add((await MakeAsync(
                platform, $"admin/tenants/{id}/keys", new { name = $"k{i}", role = "admin" }))
                .GetProperty("key").GetString()!);
        }

        using var http = ClientOf(gateway, keys[0]);
        http.Timeout = Eventually.Limit;
        var home = world.GetProperty("data_centres").EnumerateArray().First(one => one.GetProperty("code").GetString() == dataCentre);
        await ReadAsync(await http.PostAsJsonAsync("/api/settings/integrations/zoho", new
        {
            client_id = world.GetProperty("client").GetProperty("client_id").GetString(),
            client_secrets = new Dictionary<string, string?> { [dataCentre] = home.GetProperty("client_secret").GetString() },
            campaigns_list_key = home.GetProperty("list_key").GetString(),
        }));

        await MakeAsync(http, "connections", new
        {
            provider = "zoho",
            features = new[] { "campaigns" },
            data_centre = dataCentre,
            refresh_token = home.GetProperty("refresh_token").GetString(),
        });
        var sync = "";
        for (var i = 0; i < SlowSyncs; i++)
        {
            // contacts with fields go one by one
            using var file = new StringContent(
                string.Join('\n', ["email,first name", .. Enumerable.Range(1, 30).Select(n => $"slow-{i}-{n}@example.com,Slow")]), Encoding.UTF8, "text/csv");
            var upload = await ReadAsync(await http.PostAsync("/api/v1/campaigns/sync-sources", file));
            var made = await MakeAsync(http, "campaigns/syncs", new { source = new { upload_id = upload.GetProperty("id").GetString() }, rate = 1 });
            sync = made.GetProperty("id").GetString()!;
        }

        return new HostileTenant(gateway, id, keys, sync, sourcePort);
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await Task.WhenAll(_attacks);
        _clients.ForEach(client => client.Dispose());
        _silent.Dispose();
        _end.Dispose();
    }

    private static async Task<JsonElement> MakeAsync(HttpClient http, string path, object body) =>
        await ReadAsync(await http.PostAsJsonAsync($"/api/v1/{path}", body));

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage answer)
    {
        using (answer)
        {
            var text = await answer.Content.ReadAsStringAsync();
            return answer.IsSuccessStatusCode
                ? JsonSerializer.Deserialize<JsonElement>(text)
                : throw new InvalidOperationException($"{answer.RequestMessage!.RequestUri!.AbsolutePath}: {(int)answer.StatusCode} {text}");
        }
    }

    private HttpClient Client(string key)
    {
        var client = ClientOf(_gateway, key);
        _clients.Add(client);
        return client;
    }

    private static HttpClient ClientOf(Uri gateway, string key)
    {
        var client = new HttpClient { BaseAddress = gateway, Timeout = Timeout.InfiniteTimeSpan };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return client;
    }

    private void Go(Func<Task> attack) => _attacks.Add(Task.Run(attack));

    // not as fast as this machine can: how fast a gateway can say no is another question
    private async Task RepeatAsync(string name, Func<Task<HttpResponseMessage>> attack, int everyMilliseconds = 100)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(everyMilliseconds));
        try
        {
            while (await timer.WaitForNextTickAsync(_end.Token))
            {
                try
                {
                    using var answer = await attack();
                    _answers.AddOrUpdate($"{name} {(int)answer.StatusCode}", 1, (_, count) => count + 1);
                }
                catch (Exception e) when (e is HttpRequestException or IOException)
                {
                    // cut off while it sends, as who is refused in the middle of an upload; whatever is done to it, it goes on
                    _answers.AddOrUpdate($"{name} cut", 1, (_, count) => count + 1);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // it was enough
        }
    }

    // from whoever: numbers of films
    private static object NewMessage() => new
    {
        external_id = $"hostile-{Guid.NewGuid():N}",
        direction = "inbound",
        phone = string.Create(CultureInfo.InvariantCulture, $"+1{Random.Shared.Next(200, 1000)}55501{Random.Shared.Next(100):00}"),
        text = Text,
        content = Content,
    };

    private Task StreamAsync(string name, HttpClient http, string path) => RepeatAsync(name, async () =>
    {
        var answer = await http.GetAsync($"/api/v1/{path}", HttpCompletionOption.ResponseHeadersRead, _end.Token);
        if (answer.IsSuccessStatusCode)
        {
            await (await answer.Content.ReadAsStreamAsync(_end.Token)).CopyToAsync(Stream.Null, _end.Token);
        }

        return answer;
    }, everyMilliseconds: 1_000);

    private Task UploadSlowlyAsync(HttpClient http) => RepeatAsync("slow upload", () =>
    {
        var content = new SlowCsv(_end.Token);
        content.Headers.ContentType = new MediaTypeHeaderValue("text/csv");
        return http.PostAsync("/api/v1/campaigns/sync-sources", content, _end.Token);
    }, everyMilliseconds: 1_000);

    private Task<HttpResponseMessage> UploadAsync(HttpClient http, string csv) =>
        http.PostAsync("/api/v1/campaigns/sync-sources", new StringContent(csv, Encoding.UTF8, "text/csv"), _end.Token);

    private Task<HttpResponseMessage> GetAsync(HttpClient http, string path) => http.GetAsync($"/api/v1/{path}", _end.Token);

    private Task<HttpResponseMessage> PostAsync(HttpClient http, string path, object body) => http.PostAsJsonAsync($"/api/v1/{path}", body, _end.Token);

    // a kilobyte a second, in rows, for as long as it is let
    private sealed class SlowCsv(CancellationToken end) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, System.Net.TransportContext? context)
        {
            await stream.WriteAsync("email\n"u8.ToArray(), end);
            for (var i = 0; ; i++)
            {
                await stream.WriteAsync(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"slow{i}@example.com\n")), end);
                await stream.FlushAsync(end);
                await Task.Delay(TimeSpan.FromMilliseconds(20), end);
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
