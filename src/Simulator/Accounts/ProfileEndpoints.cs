using System.Text.Json.Nodes;
using ZohoPlatform.Simulator.Hosts;
using ZohoPlatform.Simulator.Traffic;
using Directory = ZohoPlatform.Simulator.World.Directory;

namespace ZohoPlatform.Simulator.Accounts;

/// <summary>
/// Who the token speaks for, and where the data centres are. Refusals of the first have not been recorded; they are 401 here.
/// </summary>
internal static class ProfileEndpoints
{
    private const string ProfileScope = "AaaServer.profile.READ";

    public static void MapProfile(this IEndpointRouteBuilder accounts)
    {
        accounts.MapGet("/oauth/user/info", UserInfo).WithMetadata(new Operation("user_info"));
        accounts.MapGet("/oauth/serverinfo", ServerInfo).WithMetadata(new Operation("server_info"));
    }

    private static IResult UserInfo(HttpRequest request, ProviderCall call, TokenLedger ledger, Directory directory)
    {
        var token = ledger.Authenticate(ProductToken.Read(request), call.DataCentre.Code);
        var refusal = token is null ? "INVALID_OAUTHTOKEN"
            : Scopes.Allow(token.Consent.Scopes, ProfileScope) ? null
            : "INVALID_OAUTHSCOPE";
        if (refusal is not null || directory.FindUser(token!.Consent.Zuid) is not { } user)
        {
            call.Outcome = (refusal ?? "INVALID_OAUTHTOKEN").ToLowerInvariant();
            return AccountsAnswer.Json(new() { ["error"] = refusal ?? "INVALID_OAUTHTOKEN" }, StatusCodes.Status401Unauthorized);
        }

        call.Outcome = "success";
        return AccountsAnswer.Json(new()
        {
            ["First_Name"] = user.FirstName,
            ["Last_Name"] = user.LastName,
            ["Display_Name"] = user.DisplayName,
            ["Email"] = user.Email,
            ["ZUID"] = user.Zuid,
        });
    }

    private static IResult ServerInfo(ProviderCall call)
    {
        call.Outcome = "success";
        var locations = new JsonObject();
        foreach (var dataCentre in DataCentre.All)
        {
            locations[dataCentre.Code] = $"https://{dataCentre.AccountsHost}";
        }

        return AccountsAnswer.Json(new() { ["result"] = "success", ["locations"] = locations });
    }
}
