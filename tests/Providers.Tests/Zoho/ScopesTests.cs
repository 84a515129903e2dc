using System.Net.Http.Json;
using System.Text.Json;
using ZohoPlatform.Providers.Access;
using ZohoPlatform.Providers.Zoho;
using ZohoPlatform.Providers.Zoho.Accounts;
using ZohoPlatform.Providers.Zoho.Campaigns;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.Testing;
using static ZohoPlatform.Providers.Tests.Outcomes;

namespace ZohoPlatform.Providers.Tests.Zoho;

/// <summary>Each operation with a grant that covers everything but the scope that it names, at a simulator that knows its own scopes.</summary>
public sealed class ScopesTests : IAsyncLifetime
{
    private const string Profile = "AaaServer.profile.READ";

    private static readonly Dictionary<CampaignsMethod, Func<CampaignsClient, ProviderCall, Task<Failure?>>> Operations = new()
    {
        [CampaignsMethods.Subscribe] = async (campaigns, call) => FailureOf(await campaigns.SubscribeAsync(
            call, "3zfake", new Dictionary<string, string> { ["Contact Email"] = "ada@example.com" }, default)),
        [CampaignsMethods.BulkAdd] = async (campaigns, call) => FailureOf(await campaigns.AddInBulkAsync(call, "3zfake", ["ada@example.com"], default)),
        [CampaignsMethods.Unsubscribe] = async (campaigns, call) => FailureOf(await campaigns.UnsubscribeAsync(call, "3zfake", "ada@example.com", default)),
        [CampaignsMethods.DoNotMail] = async (campaigns, call) => FailureOf(await campaigns.MarkDoNotMailAsync(call, "ada@example.com", default)),
        [CampaignsMethods.CreateList] = async (campaigns, call) => FailureOf(await campaigns.CreateListAsync(
            call, "List", "", ["ada@example.com"], publicSignup: false, default)),
        [CampaignsMethods.MailingLists] = async (campaigns, call) => FailureOf(await campaigns.GetMailingListsAsync(call, default)),
        [CampaignsMethods.Subscribers] = async (campaigns, call) => FailureOf(await campaigns.GetSubscribersAsync(
            call, "3zfake", ListStatus.Active, 1, 20, default)),
        [CampaignsMethods.SubscribersCount] = async (campaigns, call) => FailureOf(await campaigns.CountSubscribersAsync(
            call, "3zfake", ListStatus.Active, default)),
        [CampaignsMethods.ContactFields] = async (campaigns, call) => FailureOf(await campaigns.GetContactFieldsAsync(call, default)),
        [CampaignsMethods.RecentCampaigns] = async (campaigns, call) => FailureOf(await campaigns.GetRecentCampaignsAsync(call, 1, 20, default)),
        [CampaignsMethods.Report] = async (campaigns, call) => FailureOf(await campaigns.GetReportAsync(call, "3zfake", default)),
        [CampaignsMethods.Recipients] = async (campaigns, call) => FailureOf(await campaigns.GetRecipientsAsync(
            call, "3zfake", RecipientAction.Opened, 1, 20, default)),
    };

    private SimulatorProcess _simulator = null!;
    private ProviderHost _host = null!;

    public async Task InitializeAsync()
    {
        _simulator = await SimulatorProcess.StartAsync();
        _host = await ProviderHost.CreateAtAsync(_simulator.Http.BaseAddress!);
        _host.Tokens.Replaces = false;
        _host.Tokens.Accepts = true;
    }

    public async Task DisposeAsync()
    {
        _host.Dispose();
        await _simulator.DisposeAsync();
    }

    [Fact]
    public async Task An_operation_without_its_scope_is_refused_with_that_scope_and_its_feature_and_with_it_is_not()
    {
        Assert.Equal(CampaignsMethods.All.ToHashSet(), Operations.Keys.ToHashSet());
        var all = await TokenOfAsync([.. CampaignsMethods.Scopes, Profile]);
        foreach (var (method, operation) in Operations)
        {
            var call = new ProviderCall(new(Guid.NewGuid()), $"connection-{Guid.NewGuid()}", "us", "test");
            var others = CampaignsMethods.Scopes.Append(Profile).Where(scope => scope != method.Scope).ToList();
            _host.Tokens.AccessToken = await TokenOfAsync(others);
            await _simulator.Http.PostAsync("_simulator/calls/reset", null);

            // it is known what the grant covers: nobody is asked
            AssertNamed(method, await operation(_host.Campaigns, call with { GrantedScopes = others }));
            Assert.Equal(0, await _simulator.CallsAsync(method.Quota.Name));
            // nobody said: Zoho refuses it twice, and the token service knows that it accepts the token
            AssertNamed(method, await operation(_host.Campaigns, call));
            Assert.Equal(2, await _simulator.CallsAsync(method.Quota.Name));

            _host.Tokens.AccessToken = all;
            var covered = call with { ConnectionId = $"connection-{Guid.NewGuid()}", GrantedScopes = [.. CampaignsMethods.Scopes] };
            var refusal = await operation(_host.Campaigns, covered);
            Assert.False(refusal?.Code is CampaignsFailures.ScopesMissingCode or "zoho_token_refused", $"{method.Path}: {refusal}");
        }
    }

    [Fact]
    public async Task A_profile_that_is_not_covered_is_told_from_a_bad_token()
    {
        var us = DataCentres.Find("us")!;

        var uncovered = await _host.Accounts.GetUserAsync(us, await TokenOfAsync(CampaignsMethods.Scopes), default);
        var bad = await _host.Accounts.GetUserAsync(us, "1000.fake.bad", default);

        Assert.Equal(ZohoAccountsFailures.ProfileNotCovered, Refusal(uncovered));
        Assert.Equal(ZohoAccountsFailures.ProfileNotGranted, Refusal(bad));
        Value(await _host.Accounts.GetUserAsync(us, await TokenOfAsync([Profile]), default));
    }

    [Fact]
    public async Task The_demo_worlds_refresh_token_has_the_scopes_that_are_asked_for_with_campaigns_and_crm_and_no_more()
    {
        var asked = new ZohoProvider(_host.Accounts).ScopesToAskFor(["campaigns", "crm"], []);

        var granted = (await _simulator.WorldAsync()).GetProperty("scopes").EnumerateArray().Select(scope => scope.GetString()!);

        Assert.Equal(asked.Order(StringComparer.Ordinal), granted.Order(StringComparer.Ordinal));
    }

    private static void AssertNamed(CampaignsMethod method, Failure? refusal)
    {
        Assert.Equal(CampaignsFailures.ScopesMissingCode, refusal?.Code);
        Assert.Contains(method.Scope, refusal!.Message, StringComparison.Ordinal);
        Assert.Contains("the feature campaigns", refusal.Message, StringComparison.Ordinal);
    }

    private static Failure? FailureOf<T>(Result<T> result)
        where T : notnull => result.Succeeded(out _, out var failure) ? null : failure;

    private async Task<string> TokenOfAsync(IEnumerable<string> scopes)
    {
        using var minted = await _simulator.Http.PostAsJsonAsync("_simulator/refresh-tokens", new { data_centre = "us", scopes = string.Join(',', scopes) });
        minted.EnsureSuccessStatusCode();
        var refreshToken = (await minted.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("refresh_token").GetString()!;
        var world = await _simulator.WorldAsync();
        var answered = await _host.Accounts.RefreshAsync(
            DataCentres.Find("us")!,
            world.GetProperty("client").GetProperty("client_id").GetString()!,
            (await _simulator.DataCentreAsync("us")).GetProperty("client_secret").GetString()!,
            refreshToken,
            default);
        return Value(answered).AccessToken;
    }
}
