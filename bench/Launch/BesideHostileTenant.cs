using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using ZohoPlatform.Bench.Messaging;
using ZohoPlatform.Testing;

namespace ZohoPlatform.Bench.Launch;

/// <summary>
/// How long one tenant's registrations, messages and syncs take while another one takes whatever it can get, beside how long they take alone: on one
/// launch, in turns.
/// </summary>
internal static class BesideHostileTenant
{
    // registrations, and as many messages
    private const int Each = 300;

    // of the hostile one, before it is called at work
    private const int Refusals = 100;

    // both together as much as one key may ask in a minute
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(200);

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(int rounds)
    {
        var state = Directory.CreateTempSubdirectory("zoho-platform-bench").FullName;
        try
        {
            var sources = DebugLaunch.FreePort();
            await using var launch = DebugLaunch.Start(state, string.Create(CultureInfo.InvariantCulture, $"--Sources:Hosts=127.0.0.1:{sources}"));
            var (_, table) = await DebugLaunch.ReadyAsync(launch);
            var key = (await File.ReadAllLinesAsync(Path.Combine(state, "demo.env")))[0].Split('=', 2)[1];
            using var gateway = new HttpClient { BaseAddress = DebugLaunch.AddressOf(table, "gateway") };
            gateway.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
            using var simulator = new HttpClient { BaseAddress = DebugLaunch.AddressOf(table, "simulator") };
            var world = await simulator.GetFromJsonAsync<JsonElement>("/_simulator/world");

            await LapAsync(gateway, "warm");
            // a tenant that is deleted takes its grant with it: each round's has another organisation, and none has the demo's
            var homes = new Queue<string>(
                world.GetProperty("data_centres").EnumerateArray().Select(one => one.GetProperty("code").GetString()!).Where(code => code != "us"));
            if (rounds > homes.Count)
            {
                throw new InvalidOperationException($"The simulator has organisations for {homes.Count} rounds: --rounds {homes.Count} at most.");
            }

            var figures = await Figure.OfRoundsAsync(rounds, () => RoundAsync(gateway, key, world, homes.Dequeue(), sources));
            launch.Send("INT");
            await launch.EndAsync();
            return figures;
        }
        finally
        {
            Directory.Delete(state, recursive: true);
        }
    }

    private static async Task<IReadOnlyList<Figure>> RoundAsync(HttpClient gateway, string key, JsonElement world, string home, int sources)
    {
        var alone = await LapAsync(gateway, "alone");
        Lap beside;
        var (spent, took) = (new List<Figure>(), new Stopwatch());
        await using (var hostile = await HostileTenant.BeginAsync(gateway.BaseAddress!, key, world, home, sources))
        {
            await Eventually.GetAsync(() => Task.FromResult(hostile.Refused), refused => refused >= Refusals);
            List<Process> processes = [.. DebugLaunch.Services(), Process.GetCurrentProcess()];
            var cpu = processes.ConvertAll(DebugLaunch.CpuOf);
            took.Start();
            beside = await LapAsync(gateway, "beside");
            took.Stop();
            spent.AddRange(processes.Select((process, i) => new Figure(
                $"beside, {process.ProcessName}, of a core", "%", [100 * (DebugLaunch.CpuOf(process) - cpu[i]) / took.Elapsed])));
            // its jobs would go on beside the next lap
            using var deleted = await gateway.DeleteAsync($"/api/v1/admin/tenants/{hostile.TenantId}");
            deleted.EnsureSuccessStatusCode();
        }

        return
        [
            .. Compare("registration", beside.Registrations, alone.Registrations),
            .. Compare("message", beside.Messages, alone.Messages),
            new("a sync starts, beside", "s", [beside.SyncStarts], new Target(AtMost: 5)),
            new("a sync starts, alone", "s", [alone.SyncStarts]),
            .. spent,
        ];
    }

    private static IEnumerable<Figure> Compare(string what, Answers beside, Answers alone) =>
    [
        new($"{what} p50, beside", "ms", [beside.Median]),
        new($"{what} p50, alone", "ms", [alone.Median]),
        new($"{what} p99, beside", "ms", [beside.Slow]),
        new($"{what} p99, alone", "ms", [alone.Slow]),
        new($"{what} p99, ratio", "x", [beside.Slow / alone.Slow], new Target(AtMost: 2)),
        new($"{what}s refused", "", [alone.Refused + beside.Refused], Target.None),
    ];

    private static async Task<Lap> LapAsync(HttpClient gateway, string name)
    {
        var lap = Guid.NewGuid().ToString("N");
        var starting = SyncStartsAsync(gateway, $"{name}-{lap}");
        var (registrations, messages) = (new List<Task<Answer>>(), new List<Task<Answer>>());
        using var timer = new PeriodicTimer(Every);
        // in its own time, whatever became of those before
        while (messages.Count < Each && await timer.WaitForNextTickAsync())
        {
            var one = string.Create(CultureInfo.InvariantCulture, $"{name}{messages.Count}-{lap}");
            registrations.Add(PostAsync(gateway, "campaigns/contacts", new { email = $"{one}@example.com" }));
            messages.Add(PostAsync(gateway, "messages", new
            {
                external_id = one,
                direction = "inbound",
                phone = Texts.PhoneOf(messages.Count),
                text = Texts.Of(messages.Count),
            }));
        }

        return new Lap(
            Answers.Of(await Task.WhenAll(registrations)), Answers.Of(await Task.WhenAll(messages)), await starting);
    }

    private static async Task<Answer> PostAsync(HttpClient gateway, string path, object body)
    {
        var begun = Stopwatch.GetTimestamp();
        using var answer = await gateway.PostAsJsonAsync($"/api/v1/{path}", body);
        return new Answer(Stopwatch.GetElapsedTime(begun).TotalMilliseconds, answer.IsSuccessStatusCode);
    }

    // from its order to its first contact that is looked at
    private static async Task<double> SyncStartsAsync(HttpClient gateway, string name)
    {
        using var file = new StringContent($"email\n{name}-1@example.com\n{name}-2@example.com\n", Encoding.UTF8, "text/csv");
        var upload = await MadeAsync(await gateway.PostAsync("/api/v1/campaigns/sync-sources", file));
        var begun = Stopwatch.GetTimestamp();
        var sync = await MadeAsync(await gateway.PostAsJsonAsync("/api/v1/campaigns/syncs", new { source = new { upload_id = upload } }));
        await Eventually.GetAsync(
            () => gateway.GetFromJsonAsync<JsonElement>($"/api/v1/campaigns/syncs/{sync}"),
            now => now.GetProperty("state").GetString() != "queued");
        return Stopwatch.GetElapsedTime(begun).TotalSeconds;
    }

    private static async Task<string> MadeAsync(HttpResponseMessage answer)
    {
        using (answer)
        {
            var text = await answer.Content.ReadAsStringAsync();
            return answer.IsSuccessStatusCode
                ? JsonDocument.Parse(text).RootElement.GetProperty("id").GetString()!
                : throw new InvalidOperationException($"{(int)answer.StatusCode} {text}");
        }
    }

    private sealed record Lap(Answers Registrations, Answers Messages, double SyncStarts);

    private sealed record Answer(double Milliseconds, bool IsTaken);

    private sealed record Answers(double Median, double Slow, int Refused)
    {
        public static Answers Of(IReadOnlyList<Answer> all)
        {
            var times = all.Select(answer => answer.Milliseconds).Order().ToList();
            return new(times[times.Count / 2], times[times.Count * 99 / 100], all.Count(answer => !answer.IsTaken));
        }
    }
}
