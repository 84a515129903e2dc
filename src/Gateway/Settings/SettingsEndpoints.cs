using Grpc.Core;
using Microsoft.AspNetCore.Http.HttpResults;
using ZohoPlatform.Api.Connections;
using ZohoPlatform.Api.Settings;
using ZohoPlatform.Contracts.Messaging.V1;
using ZohoPlatform.Gateway.Access.ApiKeys;
using ZohoPlatform.Gateway.Rest;
using ZohoPlatform.Gateway.Rest.Docs;
using ZohoPlatform.Gateway.Rest.Problems;
using ZohoPlatform.ServiceDefaults.Grpc;
using CampaignsSettingsClient = ZohoPlatform.Contracts.Campaigns.V1.CampaignsSettingsStore.CampaignsSettingsStoreClient;
using ConnectionsClient = ZohoPlatform.Contracts.Tokens.V1.Connections.ConnectionsClient;
using CrmCheckClient = ZohoPlatform.Contracts.Crm.V1.CrmCheck.CrmCheckClient;
using MessagingCheckClient = ZohoPlatform.Contracts.Messaging.V1.MessagingCheck.MessagingCheckClient;
using IntegrationSettingsClient = ZohoPlatform.Contracts.Tokens.V1.IntegrationSettingsStore.IntegrationSettingsStoreClient;
using MessagingSettingsClient = ZohoPlatform.Contracts.Messaging.V1.MessagingSettingsStore.MessagingSettingsStoreClient;

namespace ZohoPlatform.Gateway.Settings;

/// <summary>
/// One page of settings over the services that have them: the OAuth client is TokenService's, the list key CampaignsService's, what is of
/// conversations
/// MessagingService's.
/// </summary>
internal static class SettingsEndpoints
{
    private const string Campaigns = "campaigns";
    private const string Crm = "crm";
    private const string Messaging = "messaging";
    private const string NotConnected = "not_connected";
    private const string SwitchedOff = "crm_disabled";
    private const string CrmOffMessage = "CRM messaging is off, and conversations stay here: set crm_enabled in the Zoho settings.";

    // wanted so, as far as anybody knows
    private static readonly SettingsCheck CrmIsOff = new(Crm, true, null, CrmOffMessage)
    {
        Findings = [new ConnectionFinding(Crm, FindingStatus.NotLooked, SwitchedOff, CrmOffMessage)],
    };

    // some ten calls to Zoho
    private static readonly TimeSpan CrmLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan TestLimit = (2 * ServiceCalls.Deadline) + (2 * CrmLimit);

    private static readonly ZohoSettings ExampleRequest = new()
    {
        ClientId = "1000.fake-client-id",
        ClientSecret = "fake-client-secret",
        Region = "eu",
        Enabled = true,
        CrmEnabled = true,
        OrganizationId = "20064321",
        CampaignsListKey = "3z0000000000000000000000000000000000fake",
        DefaultRegion = "GB",
        CrmOrganizationId = "20064322",
        DailyNotes = true,
    };

    private static readonly ZohoSettings ExampleAnswer = ExampleRequest with
    {
        ClientSecret = "••••cret",
        ClientSecrets = new Dictionary<string, string?>(StringComparer.Ordinal),
        FeatureConnections = new Dictionary<string, string?>(StringComparer.Ordinal),
    };

    private static readonly HubSpotSettings ExampleHubSpot = new() { ClientId = "fake-client-id", ClientSecret = "••••cret" };

    extension(IEndpointRouteBuilder routes)
    {
        public void MapSettings()
        {
            var zoho = routes.MapGroup("/api/settings/integrations/zoho").WithTags("Settings");

            zoho.MapGet("/", GetZoho).RequireAuthorization(Policies.Admin)
                .Describe("getZohoSettings", "The tenant's Zoho settings", "Secrets are masked. Role needed: admin.", response: ExampleAnswer);
            zoho.MapPost("/", UpdateZoho).RequireAuthorization(Policies.Admin)
                .Describe(
                    "updateZohoSettings",
                    "Change the tenant's Zoho settings",
                    "What is absent or null stays as it is, an empty text takes it away, and a mask sent back keeps its secret. Contacts that waited for a "
                        + "setting are pushed. A refresh_token connects, last of all. Role needed: admin.",
                    ExampleRequest,
                    ExampleAnswer)
                .Fails(409, 413, 415, 422);
            zoho.MapPost("/test", TestZoho).RequireAuthorization(Policies.Operator)
                .Describe(
                    "testZohoSettings",
                    "Try the tenant's Zoho settings",
                    "Has Zoho give the connection that serves campaigns a fresh token, calls Zoho and reads the mailing list, and looks at Zoho CRM where a "
                        + "connection serves that, and at how conversations get there; who uses the CRM alone hears nothing of campaigns. Answers each "
                        + "check, and of one that failed because of another which it follows from. Role needed: operator.",
                    response: new SettingsTest(
                        false,
                        [
                            new SettingsCheck("connection", true, null, "Zoho (eu) answered."),
                            new SettingsCheck("campaigns_list", false, "list_key_missing", "No mailing list is set: set campaigns_list_key."),
                        ]))
                .Fails(409, 422)
                .MayTake(TestLimit);

            var hubSpot = routes.MapGroup("/api/settings/integrations/hubspot").WithTags("Settings");

            hubSpot.MapGet("/", GetHubSpot).RequireAuthorization(Policies.Admin)
                .Describe("getHubSpotSettings", "The tenant's HubSpot settings", "Secrets are masked. Role needed: admin.", response: ExampleHubSpot);
            hubSpot.MapPost("/", UpdateHubSpot).RequireAuthorization(Policies.Admin)
                .Describe(
                    "updateHubSpotSettings",
                    "Change the tenant's HubSpot settings",
                    "What is absent or null stays as it is, an empty text takes it away, and a mask sent back keeps its secret. A refresh_token connects. Role needed: admin.",
                    ExampleHubSpot with { ClientSecret = "fake-client-secret" },
                    ExampleHubSpot)
                .Fails(409, 413, 415, 422);
            hubSpot.MapPost("/test", TestHubSpot).RequireAuthorization(Policies.Operator)
                .Describe(
                    "testHubSpotSettings",
                    "Try the tenant's HubSpot settings",
                    "Calls HubSpot with the tenant's connection; answers each check. Role needed: operator.",
                    response: new SettingsTest(
                        false,
                        [new SettingsCheck("connection", false, "not_connected", "Nothing is connected for this feature: connect HubSpot with it first.")]))
                .Fails(409, 422);
        }
    }

    private static async Task<Ok<ZohoSettings>> GetZoho(
        ServiceCall call,
        IntegrationSettingsClient tokens,
        CampaignsSettingsClient campaigns,
        MessagingSettingsClient messaging,
        IConfiguration configuration)
    {
        var client = tokens.GetSettingsAsync(new() { Provider = SettingsMapping.Zoho }, call.Options);
        var list = campaigns.GetSettingsAsync(new(), call.Options);
        var conversations = ConversationsOfAsync(call, messaging, configuration);
        await Task.WhenAll(client.ResponseAsync, list.ResponseAsync, conversations);
        return TypedResults.Ok((await client).ToZoho(await list, await conversations));
    }

    // null where there are no conversations: who uses none sees nothing of them
    private static async Task<MessagingSettings?> ConversationsOfAsync(
        ServiceCall call, MessagingSettingsClient messaging, IConfiguration configuration) =>
        ServiceAreas.IsConfigured(configuration, Messaging) ? await messaging.GetSettingsAsync(new(), call.Options) : null;

    // the list key last: it sets waiting contacts off, which need the client
    private static async Task<Results<Ok<ZohoSettings>, ProblemResult>> UpdateZoho(
        ZohoSettings body,
        ServiceCall call,
        IntegrationSettingsClient tokens,
        CampaignsSettingsClient campaigns,
        MessagingSettingsClient messaging,
        ConnectionsClient connections,
        IConfiguration configuration)
    {
        if (!body.ToContract().Succeeded(out var request, out var failure))
        {
            return (ProblemResult)failure;
        }

        var change = body.ToMessaging();
        if (change is not null && !ServiceAreas.IsConfigured(configuration, Messaging))
        {
            return ServiceAreas.NotConfigured(Messaging, body.FirstOfMessaging);
        }

        var client = await tokens.UpdateSettingsAsync(request, call.Options);
        var conversations = change is null
            ? await ConversationsOfAsync(call, messaging, configuration)
            : await messaging.UpdateSettingsAsync(change, call.Options);
        var list = body.CampaignsListKey is { } listKey
            ? await campaigns.UpdateSettingsAsync(new() { CampaignsListKey = listKey }, call.Options)
            : await campaigns.GetSettingsAsync(new(), call.Options);
        if (!string.IsNullOrWhiteSpace(body.RefreshToken))
        {
            await connections.CreateConnectionAsync(new() { Provider = SettingsMapping.Zoho, RefreshToken = body.RefreshToken }, call.Options);
        }

        return TypedResults.Ok(client.ToZoho(list, conversations));
    }

    private static async Task<Ok<SettingsTest>> TestZoho(
        ServiceCall call,
        ConnectionsClient connections,
        CampaignsSettingsClient campaigns,
        CrmCheckClient crm,
        MessagingCheckClient messaging,
        IConfiguration configuration)
    {
        // one after the other: the first may have mended or broken what the second needs
        var connection = await CheckConnectionAsync(Campaigns, call, connections);
        var hasCrm = ServiceAreas.IsConfigured(configuration, Crm);
        var checks = new List<SettingsCheck>();
        if (hasCrm && connection.Code == NotConnected && await UsesCrmAloneAsync(call, connections, campaigns))
        {
            connection = await CheckConnectionAsync(Crm, call, connections);
            checks.AddRange(connection.Code == SwitchedOff ? [] : [connection]);
        }
        else
        {
            checks.Add(connection);
            checks.Add(Below(await CheckAsync("campaigns_list", async () =>
            {
                var answer = await campaigns.TestSettingsAsync(new(), call.Options);
                return new SettingsCheck("campaigns_list", answer.Ok, answer.Ok ? null : answer.Code, answer.Message)
                {
                    ConnectionId = ContractValues.OrNull(answer.ConnectionId),
                    Account = ContractValues.OrNull(answer.AccountName),
                };
            })));
        }

        var ofCrm = hasCrm ? await CheckCrmAsync(call, connections, crm) : null;
        checks.AddRange(ofCrm is null ? [] : [Below(ofCrm)]);
        if (hasCrm && ofCrm != CrmIsOff && ServiceAreas.IsConfigured(configuration, Messaging)
            && await CheckMessagingAsync(ofCrm, call, messaging) is { } ofMessaging)
        {
            checks.Add(Below(ofMessaging));
        }

        return TypedResults.Ok(new SettingsTest(checks.All(check => check.Ok), checks));

        SettingsCheck Below(SettingsCheck check) => checks.Prepend(connection).FirstOrDefault(cause => Explains(cause, check)) is { } cause
            ? check with { FollowsFrom = cause.Name }
            : check;

        static bool Explains(SettingsCheck cause, SettingsCheck check) =>
            FindingCauses.Explains((cause.Code, cause.ConnectionId, Module: null), (check.Code, check.ConnectionId, Module: null));
    }

    // who has set a list wants campaigns, and is told what is missing for them
    private static async Task<bool> UsesCrmAloneAsync(ServiceCall call, ConnectionsClient connections, CampaignsSettingsClient campaigns)
    {
        var served = await CheckAsync(Crm, async () =>
        {
            var connection = await connections.ResolveConnectionAsync(new() { Feature = Crm }, call.Options);
            return new SettingsCheck(Crm, true, null, "") { ConnectionId = connection.Id };
        });
        return served.Code is null or SwitchedOff or "integration_disabled"
            && (await campaigns.GetSettingsAsync(new(), call.Options)).CampaignsListKey.Length == 0;
    }

    // null where nothing serves it: nobody misses what nobody uses
    private static async Task<SettingsCheck?> CheckCrmAsync(ServiceCall call, ConnectionsClient connections, CrmCheckClient crm)
    {
        var check = await CheckAsync(Crm, async () =>
        {
            var connection = await connections.ResolveConnectionAsync(new() { Feature = Crm }, call.Within(ServiceCalls.Deadline));
            return (await crm.CheckAsync(new() { ConnectionId = connection.Id }, call.Within(CrmLimit))).ToApi(Crm);
        });
        return check.Code switch
        {
            NotConnected or "connection_not_chosen" => null,
            SwitchedOff => CrmIsOff,
            _ => check,
        };
    }

    // null where nothing serves the CRM and nothing waits for it
    private static async Task<SettingsCheck?> CheckMessagingAsync(SettingsCheck? ofCrm, ServiceCall call, MessagingCheckClient messaging)
    {
        var waits = false;
        var check = await CheckAsync(Messaging, async () =>
        {
            var answer = await messaging.CheckAsync(new(), call.Within(CrmLimit));
            waits = answer.Waiting > 0;
            return answer.ToApi(Messaging, ofCrm?.ConnectionId);
        });
        return ofCrm is not null || waits ? check : null;
    }

    private static async Task<Ok<SettingsTest>> TestHubSpot(ServiceCall call, ConnectionsClient connections)
    {
        var check = await CheckConnectionAsync("hubspot_contacts", call, connections);
        return TypedResults.Ok(new SettingsTest(check.Ok, [check]));
    }

    private static Task<SettingsCheck> CheckConnectionAsync(string feature, ServiceCall call, ConnectionsClient connections) =>
        CheckAsync("connection", async () =>
        {
            var connection = await connections.ResolveConnectionAsync(new() { Feature = feature }, call.Options);
            var answer = await connections.TestConnectionAsync(new() { Id = connection.Id }, call.Options);
            var test = answer.ToApi();
            return new SettingsCheck("connection", test.Ok, test.Code, test.Message)
            {
                ConnectionId = connection.Id,
                // who gave the grant may be known since
                Account = ContractValues.OrNull((answer.Connection ?? connection).AccountName),
                Findings = test.Findings,
            };
        });

    // what a service refuses is a finding here, not a failed request
    private static async Task<SettingsCheck> CheckAsync(string name, Func<Task<SettingsCheck>> check)
    {
        try
        {
            return await check();
        }
        catch (RpcException e) when (e.ToFailure() is { } failure)
        {
            return new SettingsCheck(name, false, failure.Code, failure.Message);
        }
    }

    private static async Task<Ok<HubSpotSettings>> GetHubSpot(ServiceCall call, IntegrationSettingsClient tokens) =>
        TypedResults.Ok((await tokens.GetSettingsAsync(new() { Provider = SettingsMapping.HubSpot }, call.Options)).ToHubSpot());

    private static async Task<Ok<HubSpotSettings>> UpdateHubSpot(
        HubSpotSettings body, ServiceCall call, IntegrationSettingsClient tokens, ConnectionsClient connections)
    {
        var client = await tokens.UpdateSettingsAsync(body.ToContract(), call.Options);
        if (!string.IsNullOrWhiteSpace(body.RefreshToken))
        {
            await connections.CreateConnectionAsync(new() { Provider = SettingsMapping.HubSpot, RefreshToken = body.RefreshToken }, call.Options);
        }

        return TypedResults.Ok(client.ToHubSpot());
    }
}
