using System.Text.Json.Nodes;

namespace ZohoPlatform.Simulator.Campaigns;

/// <summary>Addresses without fields, ten a call. Zoho Campaigns, "Add contacts to existing list", "Add new list and contacts".</summary>
internal static class BulkMethods
{
    public static CampaignsAnswer AddToList(CampaignsCall call)
    {
        if (call.Account.FindList(call.Parameters["listkey"]!) is not { } list)
        {
            return CampaignsAnswer.Error(call.Uri, "2501", "List key is empty or invalid.");
        }

        return Add(call, list, ReadAddresses(call));
    }

    public static CampaignsAnswer AddListAndContacts(CampaignsCall call)
    {
        var name = call.Parameters["listname"]!;
        if (call.Parameters["mode"] is not "newlist" || call.Parameters["signupform"] is not ("public" or "private"))
        {
            return CampaignsAnswer.Error(call.Uri, "1001", "Pattern does not match.");
        }

        if (call.Account.Lists.Any(list => list.Name.Equals(name, StringComparison.OrdinalIgnoreCase)))
        {
            return CampaignsAnswer.Error(call.Uri, "2205", "A list with this name exists.");
        }

        var addresses = ReadAddresses(call);
        return addresses.Count > call.Settings.BulkMaximum
            ? TooMany(call)
            : Add(call, call.Account.AddList(name, call.Parameters["signupform"] is "public", call.Now), addresses);
    }

    private static CampaignsAnswer Add(CampaignsCall call, MailingList list, List<string> addresses)
    {
        if (addresses.Count > call.Settings.BulkMaximum)
        {
            return TooMany(call);
        }

        if (addresses.Select(address => SubscriptionMethods.RefuseData(call, address)).FirstOrDefault(refused => refused is not null) is { } refused)
        {
            return CampaignsAnswer.Error(call.Uri, refused.Code, refused.Message);
        }

        var (ignored, existing) = (new JsonArray(), new JsonArray());
        foreach (var address in addresses)
        {
            if (SubscriptionMethods.Refuse(address) is not null || call.Account.FindContact(address) is { DoNotMail: true })
            {
                ignored.Add(address);
            }
            else if (list.Find(address) is not null)
            {
                existing.Add(address);
            }
            else
            {
                list.Add(call.Account.PutContact(address, []), call.Now, Membership.Active);
            }
        }

        var body = new JsonObject
        {
            ["code"] = "0",
            ["status"] = "success",
            ["listkey"] = list.Key,
            ["listname"] = list.Name,
            ["ignored_contacts"] = ignored,
            ["existing_contacts"] = existing,
            ["uri"] = call.Uri,
            ["version"] = "1.1",
        };
        return new(body, "success");
    }

    private static CampaignsAnswer TooMany(CampaignsCall call) =>
        CampaignsAnswer.Error(call.Uri, "6502", "Limit given is more than the maximum.");

    private static List<string> ReadAddresses(CampaignsCall call) =>
        [.. call.Parameters["emailids"]!.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];
}
