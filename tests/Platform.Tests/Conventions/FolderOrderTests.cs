using System.Text.RegularExpressions;

namespace ZohoPlatform.Platform.Tests.Conventions;

/// <summary>Inside a service a folder is a feature, and features stand on each other without circles.</summary>
public sealed class FolderOrderTests
{
    // from the ground up: a folder knows those before it. Data, which holds the tables of all, and the service's own files are the roof
    private static readonly Dictionary<string, string[]> Orders = new(StringComparer.Ordinal)
    {
        ["TokenService"] =
        [
            "Connections", "Cache", "Budget", "Health", "Settings", "AccessTokens", "RefreshAhead", "Revocations", "Connecting",
        ],
        ["Gateway"] =
        [
            "Security", "Rest", "Access", "Docs", "Audit", "Campaigns", "Connections", "Crm", "Door", "Erasing", "KeyRing", "Messaging", "OAuth", "ProviderHooks", "Settings",
            "Webhooks", "Bootstrap",
        ],
        ["CampaignsService"] =
        [
            "Telemetry", "Addresses", "Consent", "Gates", "Settings", "Lists", "Registrations", "Results", "Forgetting", "Syncs", "Retention",
        ],
        ["CrmService"] = ["Feeds", "Channels", "Inbox", "Checks"],
        ["MessagingService"] = ["Phones", "Settings", "Messages", "Channels", "WhatsApp", "Conversations", "People", "Delivery"],
        ["WebhookService"] = ["Receivers", "Subscriptions", "Deliveries", "Intake"],
    };

    public static TheoryData<string> Services => [.. Orders.Keys];

    [Fact]
    public void Every_service_has_its_order() => Assert.Equal(
        Repository.Files
            .Select(file => file.Split('/') is ["src", var room, _, ..] ? room : "")
            .Where(room => room is "Gateway" || room.EndsWith("Service", StringComparison.Ordinal))
            .Distinct().Order(StringComparer.Ordinal),
        Orders.Keys.Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Services))]
    public void A_folder_knows_only_those_before_it(string service)
    {
        var order = Orders[service];
        var known = Repository.Files
            .Where(file => file.StartsWith($"src/{service}/", StringComparison.Ordinal) && file.EndsWith(".cs", StringComparison.Ordinal))
            .Select(file => (File: file, Folder: file.Split('/') is [_, _, var folder, _, ..] ? folder : ""))
            .Where(file => file.Folder is not ("" or "Data"))
            .ToList();

        Assert.Equal(order.Order(StringComparer.Ordinal), known.Select(file => file.Folder).Distinct().Order(StringComparer.Ordinal));
        Assert.Empty(known.SelectMany(file => FoldersUsedBy(service, file.File)
            .Where(used => used != "Data" && Array.IndexOf(order, used) > Array.IndexOf(order, file.Folder))
            .Select(used => $"{file.File} uses {used}")));
    }

    [Fact]
    public void An_area_of_the_gateway_knows_no_other() => Assert.Empty(Repository.Files
        .Where(file => file.StartsWith("src/Gateway/", StringComparison.Ordinal) && file.EndsWith(".cs", StringComparison.Ordinal))
        .Select(file => (File: file, Folder: file.Split('/') is [_, _, var folder, _, ..] ? folder : ""))
        .Where(file => file.Folder.Length > 0)
        .SelectMany(file => FoldersUsedBy("Gateway", file.File)
            .Where(used => used != file.Folder && used is not ("Rest" or "Security" or "Access"))
            .Select(used => $"{file.File} uses {used}")));

    [Theory]
    [MemberData(nameof(Services))]
    public void A_file_has_its_folders_namespace(string service) => Assert.Empty(Repository.Files
        .Where(file => file.StartsWith($"src/{service}/", StringComparison.Ordinal) && file.EndsWith(".cs", StringComparison.Ordinal))
        .Where(file => file.Split('/') is [_, _, var folder, _, ..]
            && !Regex.IsMatch(
                Repository.Read(file), $@"^namespace ZohoPlatform\.{service}\.{folder}\b", RegexOptions.Multiline, TimeSpan.FromSeconds(1))));

    // by its whole name, and by the part of it that suffices inside the service
    private static IEnumerable<string> FoldersUsedBy(string service, string file) =>
        Regex.Matches(
                Repository.Read(file),
                $@"\bZohoPlatform\.{service}\.(?<folder>\w+)|(?<![\w.])({service}\.)?(?<folder>{string.Join('|', Orders[service])})\.[A-Z]",
                RegexOptions.ExplicitCapture,
                TimeSpan.FromSeconds(1))
            .Select(match => match.Groups["folder"].Value);
}
