using System.Globalization;
using System.Text.Json.Nodes;

namespace ZohoPlatform.Simulator.Campaigns;

/// <summary>
/// What lists there are and who is on them. Almost every value is a string, times are milliseconds, and an empty answer is an error with a
/// code. Zoho Campaigns, "Get mailing lists", "Get list subscribers".
/// </summary>
internal static class ListMethods
{
    private const int UsualRange = 20;
    private const int LargestRange = 500;

    public static CampaignsAnswer Lists(CampaignsCall call)
    {
        if (!TryReadPage(call, out var from, out var range, out var refusal))
        {
            return refusal;
        }

        if (call.Account.Lists.Count == 0)
        {
            return CampaignsAnswer.Error(call.Uri, "2401", "No mailing list has been created");
        }

        var sort = call.Parameters["sort"] is "desc" ? "desc" : "asc";
        var ordered = sort is "desc" ? call.Account.Lists.Reverse() : call.Account.Lists;
        var details = new JsonArray();
        foreach (var list in ordered.Skip(from - 1).Take(range))
        {
            details.Add(Describe(call, list));
        }

        var body = new JsonObject
        {
            ["requestdetails"] = string.Create(CultureInfo.InvariantCulture, $"{{range={range}, sort={sort}, fromindex={from}}}"),
            ["status"] = "success",
            ["code"] = "0",
            ["sort"] = sort,
            ["range"] = Text(range),
            ["fromindex"] = Text(from),
            ["list_of_details"] = details,
            ["uri"] = call.Uri,
            ["version"] = "1",
        };
        return new(body, "success");
    }

    public static CampaignsAnswer Subscribers(CampaignsCall call)
    {
        if (!TryReadPage(call, out var from, out var range, out var refusal))
        {
            return refusal;
        }

        if (call.Account.FindList(call.Parameters["listkey"]!) is not { } list)
        {
            return CampaignsAnswer.Error(call.Uri, "2501", "List key is empty or invalid.");
        }

        if (!TryReadStatus(call, out var status, out var newestFirst))
        {
            return CampaignsAnswer.Error(call.Uri, "1001", "Pattern does not match.");
        }

        var backwards = newestFirst || call.Parameters["sort"] is "desc";
        var members = list.In(status);
        var details = new JsonArray();
        for (var i = from - 1; i < members.Count && details.Count < range; i++)
        {
            details.Add(Describe(call, members[backwards ? members.Count - 1 - i : i]));
        }

        if (details.Count == 0)
        {
            return CampaignsAnswer.Error(call.Uri, "2502", "Yet,There are no contacts in this list.");
        }

        var body = new JsonObject
        {
            ["status"] = "success",
            ["code"] = "0",
            ["list_of_details"] = details,
            ["uri"] = call.Uri,
            ["version"] = "1.1",
        };
        return new(body, "success");
    }

    public static CampaignsAnswer Count(CampaignsCall call)
    {
        if (call.Account.FindList(call.Parameters["listkey"]!) is not { } list)
        {
            return CampaignsAnswer.Error(call.Uri, "2501", "List key is empty or invalid.");
        }

        if (!TryReadStatus(call, out var status, out _))
        {
            return CampaignsAnswer.Error(call.Uri, "1001", "Pattern does not match.");
        }

        // this one has capitals, where the others have none
        var body = new JsonObject
        {
            ["status"] = "success",
            ["no_of_contacts"] = list.Count(status),
            ["URI"] = call.Uri,
            ["Code"] = "0",
            ["version"] = "1.1",
        };
        return new(body, "success");
    }

    private static JsonObject Describe(CampaignsCall call, MailingList list)
    {
        var created = list.CreatedAt.UtcDateTime;
        return new()
        {
            ["listkey"] = list.Key,
            ["listunino"] = Text(1_127_772_000_000_100_000 + list.Number),
            ["listname"] = list.Name,
            ["listdesc"] = "",
            ["owner"] = call.User.DisplayName,
            ["zuid"] = Text(call.User.Zuid),
            ["is_public"] = list.HasSignupForm ? "true" : "false",
            ["issmart"] = "false",
            ["listtype"] = "",
            ["noofcontacts"] = Text(list.Count(Membership.Active)),
            ["noofunsubcnt"] = Text(list.Count(Membership.Unsub)),
            ["noofbouncecnt"] = Text(list.Count(Membership.Bounce)),
            ["sentcnt"] = "0",
            ["list_campaigns_count"] = "0",
            ["created_time"] = Text(list.CreatedAt.ToUnixTimeMilliseconds()),
            ["created_time_gmt"] = Text(list.CreatedAt.ToUnixTimeMilliseconds()),
            ["updated_time_gmt"] = Text(list.CreatedAt.ToUnixTimeMilliseconds()),
            ["list_created_date"] = created.ToString("dd MMM yyyy", CultureInfo.InvariantCulture),
            ["list_created_time"] = created.ToString("hh:mm tt", CultureInfo.InvariantCulture),
            ["date"] = created.ToString("dd MMM yyyy", CultureInfo.InvariantCulture),
            ["lockstatus"] = "false",
            ["editable"] = "true",
            ["deletable"] = "true",
            ["otherslist"] = "false",
            ["listnotifications"] = "false",
            ["servicetype"] = "6",
            ["sno"] = Text(list.Number),
            ["zx"] = Text(call.Account.OrganisationId),
            ["listdgs"] = "",
            ["segments"] = new JsonObject(),
        };
    }

    private static JsonObject Describe(CampaignsCall call, ListContact member) => new()
    {
        ["contact_email"] = member.Contact.Email,
        ["firstname"] = Field(member, "First Name"),
        ["lastname"] = Field(member, "Last Name"),
        ["companyname"] = Field(member, "Company"),
        ["phone"] = Field(member, "Phone"),
        ["added_time"] = Text(member.AddedAt.ToUnixTimeMilliseconds()),
        ["zuid"] = Text(call.User.Zuid),
    };

    private static string Field(ListContact member, string displayName) => member.Contact.Fields.GetValueOrDefault(displayName, "null");

    private static bool TryReadStatus(CampaignsCall call, out Membership status, out bool newestFirst)
    {
        newestFirst = call.Parameters["status"] is "recent" or "mostrecent";
        status = call.Parameters["status"] switch
        {
            "unsub" => Membership.Unsub,
            "bounce" => Membership.Bounce,
            "spam" => Membership.Spam,
            _ => Membership.Active,
        };
        return call.Parameters["status"] is null or "active" or "recent" or "mostrecent" or "unsub" or "bounce" or "spam";
    }

    public static bool TryReadPage(CampaignsCall call, out int from, out int range, out CampaignsAnswer refusal)
    {
        (from, range, refusal) = (1, UsualRange, null!);
        if ((call.Parameters["fromindex"] is { } fromText && !(int.TryParse(fromText, CultureInfo.InvariantCulture, out from) && from >= 1))
            || (call.Parameters["range"] is { } rangeText && !(int.TryParse(rangeText, CultureInfo.InvariantCulture, out range) && range >= 1)))
        {
            refusal = CampaignsAnswer.Error(call.Uri, "1005", "Wrong data type.");
            return false;
        }

        if (range > LargestRange)
        {
            refusal = CampaignsAnswer.Error(call.Uri, "6502", "Limit given is more than the maximum.");
            return false;
        }

        return true;
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
