using ZohoPlatform.Contracts.Common.V1;
using ZohoPlatform.Contracts.Tokens.V1;

namespace ZohoPlatform.TokenService.Connections;

/// <summary>
/// The OAuth scopes that each feature needs, and no more (Zoho Campaigns, CRM, Books, Inventory and Invoice, "OAuth scopes"; HubSpot,
/// "Scopes").
/// </summary>
internal static class Scopes
{
    /// <summary>Lets a connection be tested without using up a refresh at Zoho, and says whose it is.</summary>
    private const string Profile = "AaaServer.profile.READ";

    private static readonly Dictionary<Feature, string[]> Needed = new()
    {
        [Feature.Campaigns] = ["ZohoCampaigns.contact.ALL"],
        [Feature.Crm] =
        [
            "ZohoCRM.modules.leads.ALL", "ZohoCRM.modules.contacts.READ", "ZohoCRM.modules.notes.ALL", "ZohoCRM.modules.custom.ALL",
            "ZohoCRM.settings.READ", "ZohoCRM.users.READ", "ZohoCRM.org.READ", "ZohoSearch.securesearch.READ",
        ],
        // organisations and items are read with the settings' scope
        [Feature.Books] =
        [
            "ZohoBooks.settings.READ", "ZohoBooks.contacts.READ", "ZohoBooks.invoices.READ", "ZohoBooks.estimates.READ",
            "ZohoBooks.salesorders.READ", "ZohoBooks.purchaseorders.READ", "ZohoBooks.bills.READ", "ZohoBooks.creditnotes.READ",
            "ZohoBooks.customerpayments.READ", "ZohoBooks.expenses.READ",
        ],
        [Feature.Inventory] =
        [
            "ZohoInventory.settings.READ", "ZohoInventory.items.READ", "ZohoInventory.contacts.READ", "ZohoInventory.salesorders.READ",
            "ZohoInventory.purchaseorders.READ", "ZohoInventory.invoices.READ",
        ],
        [Feature.Invoice] =
        [
            "ZohoInvoice.settings.READ", "ZohoInvoice.contacts.READ", "ZohoInvoice.invoices.READ", "ZohoInvoice.estimates.READ",
            "ZohoInvoice.customerpayments.READ",
        ],
        [Feature.HubspotContacts] = ["crm.objects.contacts.read", "crm.objects.contacts.write", "oauth"],
    };

    /// <summary>Whose connections have the feature.</summary>
    public static Provider ProviderOf(Feature feature) => feature is Feature.HubspotContacts ? Provider.Hubspot : Provider.Zoho;

    /// <summary>Whether <paramref name="provider"/> offers it; HubSpot's contacts are no feature of a Zoho connection.</summary>
    public static bool IsOffered(Provider provider, Feature feature) => Needed.ContainsKey(feature) && ProviderOf(feature) == provider;

    /// <summary>What the authorization request asks for.</summary>
    public static IReadOnlyList<string> ToAskFor(Provider provider, IEnumerable<Feature> features) =>
        provider is Provider.Zoho ? [Profile, .. Of(features)] : [.. Of(features)];

    /// <summary>
    /// What the features lack. Empty where the provider did not say what it granted: then nothing is known to be missing.
    /// </summary>
    public static IReadOnlyList<string> Missing(IEnumerable<Feature> features, IReadOnlyCollection<string> granted) =>
        granted.Count == 0 ? [] : [.. Of(features).Where(needed => !granted.Any(scope => Covers(scope, needed)))];

    /// <summary>What each of the features needs and lacks.</summary>
    public static IEnumerable<FeatureScopes> ByFeature(IEnumerable<Feature> features, IReadOnlyCollection<string> granted) =>
        features.Order().Select(feature => new FeatureScopes
        {
            Feature = feature,
            NeededScopes = { Needed[feature] },
            MissingScopes = { Missing([feature], granted) },
        });

    /// <summary>Whether the owner's profile may be read; not known to be refused where the provider did not say what it granted.</summary>
    public static bool MayReadProfile(IReadOnlyCollection<string> granted) =>
        granted.Count == 0 || granted.Any(scope => Covers(scope, Profile));

    private static IEnumerable<string> Of(IEnumerable<Feature> features) =>
        features.Order().SelectMany(feature => Needed[feature]).Distinct(StringComparer.Ordinal);

    // Zoho's product.area[.module].VERB: ZohoCRM.modules.ALL covers ZohoCRM.modules.leads.READ, ZohoBooks.fullaccess.all all of Books
    private static bool Covers(string granted, string needed)
    {
        var (has, wants) = (granted.Split('.'), needed.Split('.'));
        if (has.Length == 3 && string.Equals($"{has[1]}.{has[2]}", "fullaccess.all", StringComparison.OrdinalIgnoreCase))
        {
            return string.Equals(has[0], wants[0], StringComparison.Ordinal);
        }

        return has.Length <= wants.Length
            && has.AsSpan(..^1).SequenceEqual(wants.AsSpan(0, has.Length - 1), StringComparer.OrdinalIgnoreCase)
            && (string.Equals(has[^1], "ALL", StringComparison.OrdinalIgnoreCase)
                || string.Equals(has[^1], wants[^1], StringComparison.OrdinalIgnoreCase));
    }
}
