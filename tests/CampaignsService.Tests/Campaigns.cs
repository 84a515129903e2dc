using Microsoft.Extensions.Time.Testing;
using ZohoPlatform.CampaignsService.Data;
using ZohoPlatform.Contracts.Campaigns.V1;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Testing;

namespace ZohoPlatform.CampaignsService.Tests;

/// <summary>One test's world: a database of its own, the token service's double, and replicas of the service that come and go.</summary>
internal sealed class Campaigns : IAsyncDisposable
{
    private readonly List<CampaignsHost> _replicas = [];
    private readonly Zoho _zoho;
    private readonly TimeProvider _clock;
    private readonly double _ceiling;

    private Campaigns(Zoho zoho, TimeProvider clock, double ceiling) => (_zoho, _clock, _ceiling) = (zoho, clock, ceiling);

    public PlayedTokens Tokens { get; private set; } = null!;

    public PlayedWebhooks Webhooks { get; private set; } = null!;

    public string Database { get; private set; } = "";

    /// <summary>What a replica of this world is told.</summary>
    public Task<IReadOnlyDictionary<string, string?>> SettingsAsync() =>
        CampaignsHost.SettingsAsync(Database, Tokens.Url, Webhooks.Url, _zoho, _ceiling);

    /// <summary>The first replica.</summary>
    public CampaignsHost Host => _replicas[0];

    public static async Task<Campaigns> StartAsync(Zoho zoho, TimeProvider? clock = null, bool pushes = true, double ceiling = 0.8)
    {
        await zoho.ResetAsync();
        var campaigns = new Campaigns(zoho, clock ?? TimeProvider.System, ceiling);
        campaigns.Tokens = await PlayedTokens.StartAsync(zoho.Simulator, campaigns._clock);
        campaigns.Webhooks = await PlayedWebhooks.StartAsync(campaigns._clock);
        campaigns.Database = await new CampaignsDatabase().RentAsync();
        await campaigns.AddReplicaAsync(pushes);
        return campaigns;
    }

    public async Task<CampaignsHost> AddReplicaAsync(bool pushes = true)
    {
        var replica = await CampaignsHost.StartAsync(Database, Tokens.Url, Webhooks.Url, _zoho, _clock, pushes, _ceiling);
        _replicas.Add(replica);
        return replica;
    }

    public async Task StopAllAsync()
    {
        foreach (var replica in _replicas)
        {
            await replica.DisposeAsync();
        }

        _replicas.Clear();
    }

    /// <summary>A tenant that is set up as far as is said.</summary>
    public async Task<Tenant> TenantAsync(bool connected = true, bool listSet = true, string dataCentre = "us")
    {
        var tenant = new Tenant(this, new TenantId(Guid.NewGuid()));
        if (connected)
        {
            await Tokens.ConnectAsync(tenant.Id, dataCentre);
        }

        if (listSet)
        {
            await tenant.SetListKeyAsync(_zoho.ListKey);
        }

        return tenant;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAllAsync();
        await Tokens.DisposeAsync();
        await Webhooks.DisposeAsync();
        await new CampaignsDatabase().GiveBackAsync(Database);
    }
}

/// <summary>What an app of one tenant does.</summary>
internal sealed class Tenant(Campaigns campaigns, TenantId id)
{
    public TenantId Id => id;

    public Task<Registration> SubmitAsync(string email, string idempotencyKey = "") =>
        SubmitAsync(new RegistrationFields { Email = email }, idempotencyKey);

    public async Task<Registration> SubmitAsync(RegistrationFields? fields, string idempotencyKey = "", Role role = Role.Operator) =>
        await campaigns.Host.Registrations.SubmitRegistrationAsync(
            new SubmitRegistrationRequest { Fields = fields, IdempotencyKey = idempotencyKey }, campaigns.Host.TicketOf(id, role));

    public async Task<Registration> GetAsync(string registrationId) => await campaigns.Host.Registrations.GetRegistrationAsync(
        new GetRegistrationRequest { Id = registrationId }, campaigns.Host.TicketOf(id, Role.Viewer));

    public async Task<ListRegistrationsResponse> ListAsync(
        RegistrationStatus status = RegistrationStatus.Unspecified, int pageSize = 0, string pageToken = "") =>
        await campaigns.Host.Registrations.ListRegistrationsAsync(
            new ListRegistrationsRequest { Status = status, PageSize = pageSize, PageToken = pageToken },
            campaigns.Host.TicketOf(id, Role.Viewer));

    /// <summary>The registration once it has this status.</summary>
    public Task<Registration> EventuallyAsync(Registration registration, RegistrationStatus status) =>
        Eventually.GetAsync(() => GetAsync(registration.Id), now => now.Status == status);

    /// <summary>The same, while time goes on: a worker that was just about to wait when a test moved the clock wakes a second later.</summary>
    public Task<Registration> EventuallyAsync(Registration registration, RegistrationStatus status, FakeTimeProvider clock) =>
        Eventually.GetAsync(
            () =>
            {
                clock.Advance(TimeSpan.FromSeconds(1));
                return GetAsync(registration.Id);
            },
            now => now.Status == status);

    public async Task<CampaignsSettings> SetListKeyAsync(string listKey, Role role = Role.Admin) =>
        await campaigns.Host.Settings.UpdateSettingsAsync(
            new UpdateCampaignsSettingsRequest { CampaignsListKey = listKey }, campaigns.Host.TicketOf(id, role));

    /// <summary>What was logged, oldest first: the action and its details.</summary>
    public async Task<IReadOnlyList<string>> AuditAsync()
    {
        var page = await campaigns.Host.Audit.ListEntriesAsync(new() { PageSize = 200 }, campaigns.Host.TicketOf(id, Role.Admin));
        return [.. page.Entries.OrderBy(entry => entry.Sequence).Select(entry => $"{entry.Actor} {entry.Action} {entry.Details}")];
    }

    public async Task<CampaignsSettings> SettingsAsync() =>
        await campaigns.Host.Settings.GetSettingsAsync(new GetCampaignsSettingsRequest(), campaigns.Host.TicketOf(id, Role.Viewer));

    public async Task<TestCampaignsSettingsResponse> TestSettingsAsync(Role role = Role.Operator) =>
        await campaigns.Host.Settings.TestSettingsAsync(new TestCampaignsSettingsRequest(), campaigns.Host.TicketOf(id, role));
}
