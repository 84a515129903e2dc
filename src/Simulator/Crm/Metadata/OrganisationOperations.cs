using System.Text.Json.Nodes;
using ZohoPlatform.Simulator.World;

namespace ZohoPlatform.Simulator.Crm.Metadata;

/// <summary>The organisation and its users. Zoho CRM "Organization", "Users".</summary>
internal static class OrganisationOperations
{
    private const int MostPerPage = 200;

    private static readonly string[] Types =
    [
        "AllUsers", "ActiveUsers", "ActiveConfirmedUsers", "AdminUsers", "ActiveConfirmedAdmins", "CurrentUser", "DeactiveUsers",
        "ConfirmedUsers",
        "NotConfirmedUsers", "DeletedUsers",
    ];

    public static CrmAnswer Show(CrmCall call)
    {
        var organisation = call.Organisation;
        var first = organisation.Users[0];
        return CrmAnswer.Success(new JsonObject
        {
            ["org"] = new JsonArray(new JsonObject
            {
                ["id"] = CrmOrganisation.Text(organisation.ProfileId + 1),
                ["zgid"] = CrmOrganisation.Text(organisation.Organisation.Id),
                ["company_name"] = organisation.Organisation.Name,
                ["alias"] = null,
                ["domain_name"] = $"org{organisation.Organisation.Id}",
                ["country_code"] = "ES",
                ["country"] = "ES",
                ["time_zone"] = organisation.Zone.Id,
                ["currency"] = "Euro",
                ["currency_symbol"] = "€",
                ["currency_locale"] = "es_ES",
                ["iso_code"] = "EUR",
                ["primary_email"] = first.Email,
                ["primary_zuid"] = CrmOrganisation.Text(first.Zuid),
                ["type"] = "production",
                ["mc_status"] = false,
                ["gapps_enabled"] = false,
                ["license_details"] = new JsonObject
                {
                    ["paid_expiry"] = null,
                    ["users_license_purchased"] = organisation.Users.Count,
                    ["trial_type"] = null,
                    ["trial_expiry"] = null,
                    ["paid"] = true,
                    ["paid_type"] = "enterprise",
                },
            }),
        });
    }

    public static CrmAnswer Users(CrmCall call)
    {
        var type = call["type"] ?? "AllUsers";
        if (!Types.Contains(type, StringComparer.Ordinal))
        {
            throw new CrmRefusal(new("PATTERN_NOT_MATCHED", "Please check whether the input values are correct",
                new() { ["api_name"] = "type" }));
        }

        IReadOnlyList<ZohoUser> users = type switch
        {
            "CurrentUser" => [call.Zoho],
            "DeactiveUsers" or "NotConfirmedUsers" or "DeletedUsers" => [],
            _ => call.Organisation.Users,
        };
        var perPage = call.Number("per_page", MostPerPage, 1, MostPerPage);
        var page = call.Number("page", 1, 1, int.MaxValue);
        var shown = users.Skip((int)Math.Min((page - 1L) * perPage, int.MaxValue)).Take(perPage).ToList();
        return shown.Count == 0 ? CrmAnswer.Nothing : CrmAnswer.Success(new JsonObject
        {
            ["users"] = new JsonArray([.. shown.Select(user => (JsonNode)User(call.Organisation, user))]),
            ["info"] = new JsonObject
            {
                ["per_page"] = perPage,
                ["count"] = shown.Count,
                ["page"] = page,
                ["more_records"] = users.Count > (long)page * perPage,
            },
        });
    }

    public static CrmAnswer User(CrmCall call) => call.PathId("id", out var id) && call.Organisation.FindUser(id) is { } user
        ? CrmAnswer.Success(new JsonObject { ["users"] = new JsonArray(User(call.Organisation, user)) })
        : CrmAnswer.Nothing;

    private static JsonObject User(CrmOrganisation organisation, ZohoUser user) => new()
    {
        ["id"] = CrmOrganisation.Text(organisation.IdOf(user)),
        ["zuid"] = CrmOrganisation.Text(user.Zuid),
        ["full_name"] = user.DisplayName,
        ["first_name"] = user.FirstName,
        ["last_name"] = user.LastName,
        ["email"] = user.Email,
        ["status"] = "active",
        ["confirm"] = true,
        ["category"] = "regular_user",
        ["role"] = new JsonObject { ["name"] = "CEO", ["id"] = CrmOrganisation.Text(organisation.ProfileId + 2) },
        ["profile"] = ModuleOperations.Profile(organisation),
        ["language"] = "en_US",
        ["locale"] = "en_US",
        ["country_locale"] = "en_US",
        ["time_zone"] = organisation.Zone.Id,
        ["Isonline"] = false,
        ["personal_account"] = false,
    };
}
