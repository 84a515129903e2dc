using System.Collections.Frozen;

namespace ZohoPlatform.Simulator.Campaigns;

/// <summary>A method of the API as its page describes it: verbs, scope, mandatory parameters, and what it does.</summary>
internal sealed record CampaignsMethod(
    string QuotaName, string[] Verbs, string Scope, string[] Mandatory, bool Changes, Func<CampaignsCall, CampaignsAnswer> Run)
{
    /// <summary>Asks for JSON with <c>type=json</c> where the others have <c>resfmt=JSON</c>.</summary>
    public bool JsonByType { get; init; }
}

/// <summary>The methods by their path, which is case sensitive. Some begin with a format; <c>resfmt</c> counts all the same.</summary>
internal static class CampaignsMethods
{
    private const string Read = "ZohoCampaigns.contact.READ";
    private const string Create = "ZohoCampaigns.contact.CREATE";
    private const string Update = "ZohoCampaigns.contact.UPDATE";

    private const string ReadCampaigns = "ZohoCampaigns.campaign.READ";

    private static readonly string[] Get = ["GET"];
    private static readonly string[] Post = ["POST"];
    private static readonly string[] GetOrPost = ["GET", "POST"];

    private static readonly CampaignsMethod Subscribe =
        new("listsubscribe", Post, Update, ["listkey", "contactinfo"], true, SubscriptionMethods.Subscribe);

    private static readonly CampaignsMethod Unsubscribe =
        new("listunsubscribe", Post, Update, ["listkey", "contactinfo"], true, SubscriptionMethods.Unsubscribe);

    private static readonly CampaignsMethod DoNotMail =
        new("contactdonotmail", Post, Update, ["contactinfo"], true, SubscriptionMethods.MoveToDoNotMail);

    private static readonly FrozenDictionary<string, CampaignsMethod> Methods = new Dictionary<string, CampaignsMethod>(
        StringComparer.Ordinal)
    {
        ["json/listsubscribe"] = Subscribe,
        ["xml/listsubscribe"] = Subscribe,
        ["json/listunsubscribe"] = Unsubscribe,
        ["xml/listunsubscribe"] = Unsubscribe,
        ["json/contactdonotmail"] = DoNotMail,
        ["xml/contactdonotmail"] = DoNotMail,
        ["addlistsubscribersinbulk"] =
            new("addlistsubscribersinbulk", Post, Create, ["listkey", "emailids"], true, BulkMethods.AddToList),
        ["addlistandcontacts"] =
            new("addlistandcontacts", Post, Create, ["listname", "signupform", "mode", "emailids"], true, BulkMethods.AddListAndContacts),
        ["getmailinglists"] = new("getmailinglists", GetOrPost, Read, [], false, ListMethods.Lists),
        ["getlistsubscribers"] = new("getlistsubscribers", GetOrPost, Read, ["listkey"], false, ListMethods.Subscribers),
        ["listsubscriberscount"] = new("listsubscriberscount", Get, Read, ["listkey"], false, ListMethods.Count),
        ["recentcampaigns"] = new("recentcampaigns", GetOrPost, ReadCampaigns, [], false, ReportMethods.Recent),
        ["recentsentcampaigns"] = new("recentsentcampaigns", Get, ReadCampaigns, ["limit"], false, ReportMethods.RecentlySent),
        ["campaignreports"] = new("campaignreports", GetOrPost, ReadCampaigns, ["campaignkey"], false, ReportMethods.Report),
        ["getlastcampaignreport"] = new("getlastcampaignreport", Post, ReadCampaigns, [], false, ReportMethods.LastReport),
        ["getcampaignrecipientsdata"] =
            new("getcampaignrecipientsdata", Post, ReadCampaigns, ["campaignkey", "action"], false, ReportMethods.Recipients),
        ["getcampaigndetails"] =
            new("getcampaigndetails", Get, ReadCampaigns, ["campaignkey", "campaigntype"], false, ReportMethods.Details),
        ["contact/allfields"] = new("contact/allfields", Get, Read, ["type"], false, FieldMethods.All) { JsonByType = true },
        ["custom/add"] = new("custom/add", Post, Create, ["type", "fieldname", "fieldtype"], true, FieldMethods.Add) { JsonByType = true },
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static CampaignsMethod? Find(string path) => Methods.GetValueOrDefault(path);
}
