using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using ZohoPlatform.Testing;

namespace ZohoPlatform.Platform.Tests;

/// <summary>What a registered user costs from the gateway's door to the record of Zoho's answer, as PostgreSQL itself counts it.</summary>
public sealed class ContactRoadTests : IAsyncLifetime
{
    private const int InARow = 20;

    // of an idle launch: a health look or a queue's, of which there are some in a minute
    private const int FewInAMoment = 10;

    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(3);

    private readonly StateFolder _state = new();
    private Platform _platform = null!;
    private StatementCount _statements = null!;
    private HttpClient _reader = null!;
    private string _token = "";

    public async Task InitializeAsync()
    {
        _platform = await Platform.LaunchAsync(_state.Path);
        _statements = await StatementCount.StartAsync((await _platform.ConnectionStringAsync("postgres"))!);
        await AnsweredAsync("/health");
        var connections = await _platform.Gateway.GetFromJsonAsync<JsonElement>("/api/v1/connections");
        var id = connections.GetProperty("connections")[0].GetProperty("id").GetString();
        _token = $"/api/v1/connections/{id}/access-token";
        using var made = await _platform.Gateway.PostAsJsonAsync("/api/v1/admin/keys", new
        {
            name = "reader",
            role = "viewer",
            permissions = new[] { new { name = "tokens:read", connection_ids = new[] { id } } },
        });
        var key = (await made.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("key").GetString();
        _reader = new HttpClient { BaseAddress = _platform.Gateway.BaseAddress };
        _reader.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
    }

    public async Task DisposeAsync()
    {
        _reader.Dispose();
        await _platform.DisposeAsync();
        _state.Dispose();
    }

    [Fact]
    public async Task A_registration_costs_six_statements_and_its_token_one_call_the_first_time_and_none_later()
    {
        // signals are heard again, and the door knows its key: it reads it once in ten seconds, whoever comes
        await AnsweredAsync("/api/v1/whoami");
        // once a service hears them again it looks at all its queues
        await Eventually.GetAsync(CountMomentAsync, found => found <= FewInAMoment);
        await AnsweredAsync("/api/v1/whoami");

        var first = await CountAsync("first", 1);
        var later = await CountAsync("later", InARow);

        Assert.True(first is { Calls: 1, Token: <= 6 }, Said(first));
        Assert.True(later is { Calls: 0, Token: 0 }, Said(later));
        // with what the door's key and idle queues cost meanwhile
        Assert.True(later.OnTheRoad <= 6 * InARow, Said(later));
    }

    private async Task<long> CountMomentAsync()
    {
        await _statements.ResetAsync();
        await Task.Delay(Moment);
        return (await _statements.ReadAsync()).Sum(statement => statement.Calls);
    }

    private async Task<ContactRoadCount> CountAsync(string name, int registrations)
    {
        var tokens = await _platform.ConnectionStringAsync("tokens-db");
        var campaigns = await _platform.ConnectionStringAsync("campaigns-db");
        var before = await ContactRoadCount.HandOutsAsync(tokens!);
        await _statements.ResetAsync();
        for (var i = 0; i < registrations; i++)
        {
            await _platform.RegisterAsync(new { email = $"{name}{i}@example.com", first_name = "Ada" });
            await Eventually.GetAsync(() => ContactRoadCount.IsDoneAsync(campaigns!), done => done);
        }

        var statements = await _statements.ReadAsync();
        // the audit is a second behind: when this hand-out is in it, all before are
        var asked = await ContactRoadCount.HandOutsAsync(tokens!, "key");
        (await _reader.GetAsync(_token)).EnsureSuccessStatusCode();
        await Eventually.GetAsync(() => ContactRoadCount.HandOutsAsync(tokens!, "key"), handOuts => handOuts > asked);
        var calls = await ContactRoadCount.HandOutsAsync(tokens!) - before;
        return ContactRoadCount.Of(registrations, calls, statements, "gateway", "campaigns");
    }

    private Task<bool> AnsweredAsync(string path) => Eventually.GetAsync(
        async () => (await _platform.Gateway.GetAsync(path)).IsSuccessStatusCode, answered => answered);

    private static string Said(ContactRoadCount count) =>
        $"{count.Calls} calls, token {count.Token}, on the road {count.OnTheRoad}: "
        + string.Join('\n', count.Statements.Select(statement => $"{statement.Calls} {statement.Database} {statement.Text}"));
}
