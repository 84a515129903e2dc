using ZohoPlatform.Simulator.Accounts;
using ZohoPlatform.Simulator.Traffic;
using ZohoPlatform.Simulator.World;
using Directory = ZohoPlatform.Simulator.World.Directory;

namespace ZohoPlatform.Simulator.Campaigns;

/// <summary>One call to a method, everything it may look at.</summary>
internal sealed record CampaignsCall(
    string Uri, ProviderParameters Parameters, CampaignsAccount Account, ZohoUser User, DateTimeOffset Now, SimulatorSettings Settings);

/// <summary>
/// Zoho Campaigns API v1.1 on each Campaigns host: unknown methods and wrong parameters are HTTP 200 with a code, a bad token is 401,
/// and the answer is XML unless <c>resfmt=JSON</c> is asked for. The content type says nothing, as at Zoho.
/// </summary>
internal static class CampaignsEndpoints
{
    private const string Base = "/api/v1.1/";

    public static void MapCampaigns(this IEndpointRouteBuilder campaigns) => campaigns
        .Map("/api/v1.1/{**method}", Answer)
        .WithMetadata(new Operation(path => FindMethod(path)?.QuotaName));

    private static CampaignsMethod? FindMethod(string path) =>
        path.StartsWith(Base, StringComparison.Ordinal) ? CampaignsMethods.Find(path[Base.Length..]) : null;

    private static IResult Answer(
        HttpContext context, ProviderCall call, ProviderParameters parameters, Directory directory, TokenLedger ledger,
        CampaignsAccounts accounts, MethodQuotas quotas, SettingsStore settings, TimeProvider clock, StateChanges changes)
    {
        var method = FindMethod(call.Path);
        var answer = Run();
        call.Outcome = answer.Outcome;
        var json = method is { JsonByType: true } ? parameters["type"] is "json" : parameters["resfmt"] is "JSON";
        return Results.Text(json ? answer.ToJson() : answer.ToXml(), "text/plain;charset=UTF-8", statusCode: answer.Status);

        CampaignsAnswer Run()
        {
            if (method is null || !method.Verbs.Contains(context.Request.Method, StringComparer.Ordinal))
            {
                return CampaignsAnswer.Error(call.Path, "1004", "Wrong URL entered.");
            }

            if (ledger.Authenticate(ProductToken.Read(context.Request), call.DataCentre.Code) is not { } token
                || !Scopes.Allow(token.Consent.Scopes, method.Scope)
                || directory.FindUser(token.Consent.Zuid) is not { } user)
            {
                return CampaignsAnswer.Unauthorized(call.Path);
            }

            if (!quotas.TryTake(user.OrganisationId, method.QuotaName))
            {
                var locked = CampaignsAnswer.Error(call.Path, "2008", "Calls limit exceeded. Please try again after some time.");
                return locked with { Outcome = "locked", Status = settings.Current.LockedStatus };
            }

            if (parameters.FirstRepeated is not null)
            {
                return CampaignsAnswer.Error(call.Path, "1006", "Multiple key entries are not supported.");
            }

            if (method.Mandatory.Any(name => parameters[name] is null))
            {
                return CampaignsAnswer.Error(call.Path, "903", "Mandatory fields are missing.");
            }

            var account = accounts.Of(user.OrganisationId);
            lock (account.Gate)
            {
                var done = method.Run(new(call.Path, parameters, account, user, clock.GetUtcNow(), settings.Current));
                if (method.Changes)
                {
                    changes.Mark();
                }

                return done;
            }
        }
    }
}
