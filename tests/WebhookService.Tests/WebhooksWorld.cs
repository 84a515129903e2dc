using System.Security.Cryptography;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using ZohoPlatform.Contracts.Webhooks.V1;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Testing;
using ZohoPlatform.WebhookService.Data;

namespace ZohoPlatform.WebhookService.Tests;

/// <summary>What a test needs: replicas of the service on one database of their own, two tenants and a clock that the test moves.</summary>
internal sealed class WebhooksWorld : IAsyncDisposable
{
    private readonly List<WebhooksHost> _hosts = [];
    private readonly RecordedLog _log = new();
    private readonly Dictionary<string, string?> _settings;

    private WebhooksWorld(Dictionary<string, string?> settings, TimeProvider clock) => (_settings, Time) = (settings, clock);

    public TimeProvider Time { get; }

    public FakeTimeProvider Clock => (FakeTimeProvider)Time;

    public TenantId Tenant { get; } = new(Guid.CreateVersion7());

    public TenantId OtherTenant { get; } = new(Guid.CreateVersion7());

    public IReadOnlyCollection<string> LogLines => _log.Lines;

    public WebhooksHost Host => _hosts[0];

    /// <summary>The token service on its own account.</summary>
    public Metadata Service => TestTickets.OwnOf("tokens", Tenant, "webhooks", Time);

    public Metadata Admin => Host.TicketOf(Tenant, Role.Admin);

    /// <summary>The configuration that a replica is started with; a test may change it before it starts one.</summary>
    public IDictionary<string, string?> Configuration => _settings;

    /// <summary>A database and the configuration for it; no replica yet. This machine may be a receiver.</summary>
    public static async Task<WebhooksWorld> PrepareAsync(TimeProvider? clock = null) => new(
        new Dictionary<string, string?>(TestTickets.SettingsOf("webhooks"))
        {
            ["ConnectionStrings:webhooks"] = await new WebhooksDatabase().RentAsync(),
            ["Secrets:MasterKey"] = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)),
            ["Webhooks:AllowLoopback"] = "true",
        },
        clock ?? StandingClock.Create());

    public async Task<WebhooksHost> StartHostAsync()
    {
        var host = await WebhooksHost.StartAsync(_settings, Time, _log);
        _hosts.Add(host);
        return host;
    }

    public async Task StopHostsAsync()
    {
        foreach (var host in _hosts)
        {
            await host.DisposeAsync();
        }

        _hosts.Clear();
    }

    /// <summary>An event as a service hands it over.</summary>
    public Event NewEvent(string type = "connection.scopes_missing", string subject = "connection:1") => new()
    {
        Id = Guid.CreateVersion7(Time.GetUtcNow()).ToString(),
        Type = type,
        OccurredAt = Time.GetUtcNow().ToTimestamp(),
        Subject = subject,
        Data = """{"connection":{"id":"1","state":"active"},"message":"A scope is missing."}""",
    };

    /// <summary>Hands events over as a service does for the tenant.</summary>
    public async Task RaiseAsync(params Event[] events) => await Host.Events.RaiseAsync(
        new RaiseRequest { Events = { events } },
        TestTickets.OwnOf(events.Any(told => told.Type.StartsWith("campaigns.", StringComparison.Ordinal)) ? "campaigns" : "tokens", Tenant, "webhooks", Time));

    /// <summary>The refusal's code, as callers read it.</summary>
    public static async Task<RpcException> RefusedAsync(string code, Func<Task> call)
    {
        var refused = await Assert.ThrowsAsync<RpcException>(call);
        Assert.Equal(code, refused.Trailers.GetValue(GrpcFailures.CodeTrailer));
        return refused;
    }

    /// <summary>SQL as the database's owner of all: below every policy.</summary>
    public async Task<object?> SqlAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(_settings["ConnectionStrings:webhooks"]);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await StopHostsAsync();
        await new WebhooksDatabase().GiveBackAsync(_settings["ConnectionStrings:webhooks"]!);
        string[] secrets = [_settings["Secrets:MasterKey"]!, _settings["Tickets:SigningKey"]!];
        Assert.DoesNotContain(_log.Lines, line => line.Contains("whsec_", StringComparison.Ordinal));
        Assert.DoesNotContain(_log.Lines, line => secrets.Any(secret => line.Contains(secret, StringComparison.Ordinal)));
    }
}
