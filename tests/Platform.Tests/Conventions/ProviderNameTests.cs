using System.Text.RegularExpressions;

namespace ZohoPlatform.Platform.Tests.Conventions;

/// <summary>
/// A provider's rules are in its folder of src/Providers, so that a further one touches nothing else. Where its name stands, a rule may stand.
/// </summary>
public sealed partial class ProviderNameTests
{
    // what is a provider's own by nature: the settings page of its client, the demo tenant's settings, its products
    private static readonly string[] MayNameOne =
    [
        "src/Providers/HubSpot/", "src/Providers/Zoho/",
        "src/Gateway/Settings/", "src/Gateway/Bootstrap/",
    ];

    // examples and what people read
    private static readonly string[] MayShowOne =
    [
        "src/Gateway/Access/ApiKeys/ApiKeyEndpoints.cs", "src/Gateway/Audit/AuditEndpoints.cs", "src/Gateway/Audit/AuditQuery.cs",
        "src/Gateway/Campaigns/", "src/Gateway/Connections/AccessTokenEndpoints.cs", "src/Gateway/Connections/ConnectionEndpoints.cs",
        "src/Gateway/Connections/HealthEndpoints.cs",
        "src/Gateway/Crm/FeedEndpoints.cs", "src/Gateway/Docs/OpenApiDocument.cs", "src/Gateway/GatewayHosting.cs",
        "src/Gateway/Messaging/", "src/Gateway/OAuth/OAuthEndpoints.cs", "src/Gateway/ProviderHooks/ZohoCrmHookEndpoint.cs",
        "src/Gateway/Rest/Docs/", "src/Gateway/Rest/HtmlPage.cs",
        "src/Gateway/Rest/GatewayOptions.cs", "src/Gateway/Rest/Problems/ProblemResult.cs", "src/Gateway/Webhooks/WebhookEndpoints.cs",
    ];

    [Fact]
    public void The_token_service_the_gateway_and_the_shared_part_of_providers_name_no_provider()
    {
        var rooms = (string[])["src/TokenService/", "src/Gateway/", "src/Providers/OAuth/", "src/Providers/Access/", "src/Providers/Http/"];

        Assert.Empty(Repository.Files
            .Where(file => file.EndsWith(".cs", StringComparison.Ordinal) && !file.Contains("/Data/Migrations/", StringComparison.Ordinal))
            .Where(file => rooms.Any(room => file.StartsWith(room, StringComparison.Ordinal)))
            .Where(file => !MayNameOne.Concat(MayShowOne).Any(place => file.StartsWith(place, StringComparison.Ordinal)))
            .SelectMany(NamesIn));
    }

    [Fact]
    public void What_may_show_a_provider_decides_nothing_by_it() => Assert.Empty(Repository.Files
        .Where(file => file.EndsWith(".cs", StringComparison.Ordinal))
        .Where(file => MayShowOne.Any(place => file.StartsWith(place, StringComparison.Ordinal)))
        .SelectMany(file => Decision().Matches(WithoutComments(file)).Select(match => $"{file}: {match.Value}")));

    [Fact]
    public void Only_products_use_a_providers_folder() => Assert.Empty(Repository.Files
        .Where(file => file.EndsWith(".cs", StringComparison.Ordinal) && file.StartsWith("src/", StringComparison.Ordinal))
        // CampaignsService is Zoho Campaigns, CrmService Zoho CRM, into which MessagingService brings messages; the hosting registers what there is
        .Where(file => !file.StartsWith("src/Providers/", StringComparison.Ordinal) && !file.StartsWith("src/CampaignsService/", StringComparison.Ordinal)
            && !file.StartsWith("src/CrmService/", StringComparison.Ordinal) && !file.StartsWith("src/MessagingService/", StringComparison.Ordinal))
        .SelectMany(file => ProviderFolder().Matches(Repository.Read(file)).Select(match => $"{file}: {match.Value}")));

    [Fact]
    public void No_contract_lists_the_providers() => Assert.Empty(Repository.Files
        .Where(file => file.EndsWith(".proto", StringComparison.Ordinal))
        .SelectMany(file => EnumOfProviders().Matches(Repository.Read(file)).Select(match => $"{file}: {match.Value}")));

    private static IEnumerable<string> NamesIn(string file) => Name().Matches(WithoutComments(file)).Select(match => $"{file}: {match.Value}");

    private static string WithoutComments(string file) => Comment().Replace(Repository.Read(file), "");

    [GeneratedRegex(@"(?<=^|\s)//.*$", RegexOptions.Multiline)]
    private static partial Regex Comment();

    // the platform's own name is none: ZohoPlatform
    [GeneratedRegex(@"\bZoho\b|\bzoho\b|HubSpot|Hubspot|hubspot|hubSpot", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Name();

    [GeneratedRegex(@"(==|!=|\bis\b|\bwhen\b|\bcase\b)\s*(not\s*)?\(?\s*""(zoho|hubspot)""", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Decision();

    [GeneratedRegex(@"ZohoPlatform\.Providers\.(Zoho|HubSpot)\b", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ProviderFolder();

    [GeneratedRegex(@"^\s*\w*(ZOHO|HUBSPOT)\w*\s*=\s*\d", RegexOptions.Multiline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex EnumOfProviders();
}
