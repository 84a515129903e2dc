using System.Text.Json.Nodes;

namespace ZohoPlatform.Simulator.Finance;

/// <summary>The organisations of a user, the same for every product; they cost nothing and tell no budget.</summary>
internal static class OrganisationOperations
{
    public static FinanceAnswer Show(IReadOnlyList<FinanceOrganisation> theirs, string? id)
    {
        if (id is null)
        {
            return FinanceAnswer.Success(
                "success", new() { ["organizations"] = new JsonArray([.. theirs.Select(one => Describe(one, inList: true))]) });
        }

        return theirs.FirstOrDefault(one => FinanceOrganisation.Text(one.Id) == id) is { } organisation
            ? FinanceAnswer.Success("success", new() { ["organization"] = Describe(organisation, inList: false) })
            : FinanceAnswer.Refused(FinanceError.NotTheirs(id));
    }

    private static JsonObject Describe(FinanceOrganisation organisation, bool inList)
    {
        var json = new JsonObject
        {
            ["organization_id"] = FinanceOrganisation.Text(organisation.Id),
            ["name"] = organisation.Name,
            ["is_default_org"] = organisation.IsDefault,
            ["time_zone"] = organisation.Zone.Id,
            ["currency_id"] = organisation.CurrencyId,
            ["currency_code"] = organisation.Currency,
            ["currency_symbol"] = organisation.Currency,
            ["currency_format"] = "1.234,56",
            ["price_precision"] = 2,
            ["date_format"] = "dd/MM/yyyy",
            ["field_separator"] = "/",
            ["language_code"] = "en",
            // a text in one place and a number in the other
            ["fiscal_year_start_month"] = inList ? "1" : 1,
            ["plan_type"] = 3,
            ["plan_period"] = "Month",
            ["account_created_date"] = organisation.Created.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture),
            ["org_settings"] = new JsonObject { ["is_org_active"] = true },
        };
        if (inList)
        {
            json["plan_name"] = organisation.Limits.Plan.Name;
        }
        else
        {
            json["address"] = new JsonObject { ["street_address1"] = "", ["city"] = "", ["country"] = "" };
            json["custom_fields"] = new JsonArray();
        }

        return json;
    }
}
