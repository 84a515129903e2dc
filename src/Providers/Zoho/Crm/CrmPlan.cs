using System.Globalization;
using ZohoPlatform.Providers.Http;

namespace ZohoPlatform.Providers.Zoho.Crm;

/// <summary>What an organisation has bought, as far as it limits calls.</summary>
/// <param name="Edition">Its edition.</param>
/// <param name="Users">How many users it pays for.</param>
internal sealed record CrmPlan(CrmEdition Edition, int Users)
{
    /// <summary>What is known to be allowed where nobody knows more.</summary>
    public static readonly CrmPlan Lowest = new(CrmEdition.Free, 0);

    /// <summary>
    /// Zoho says which of its limits a call has passed only in words; for how long nobody calls once it spoke of credits.
    /// </summary>
    private static readonly TimeSpan CreditsAreLockedFor = TimeSpan.FromMinutes(30);

    /// <summary>
    /// Credits of 24 rolling hours (Zoho CRM, "API limits"). Its pages differ in how far users raise them: the lower ones are taken.
    /// </summary>
    public QuotaMethod Credits => new("crm-credits", CreditsAreLockedFor, new QuotaLimit(
        Edition switch
        {
            CrmEdition.Free => 5_000,
            CrmEdition.Standard => Raised(250, 100_000),
            CrmEdition.Professional => Raised(500, 1_000_000),
            CrmEdition.Enterprise => Raised(1_000, 2_000_000),
            CrmEdition.Ultimate => Raised(2_000, int.MaxValue),
        },
        TimeSpan.FromDays(1)));

    /// <summary>Calls of one client that Zoho works on at once.</summary>
    public int Concurrency => Edition switch
    {
        CrmEdition.Free => 5,
        CrmEdition.Standard => 10,
        CrmEdition.Professional => 15,
        CrmEdition.Enterprise => 20,
        CrmEdition.Ultimate => 25,
    };

    /// <summary>By what <c>license_details</c> says; a trial has what a free one is known to have.</summary>
    public static CrmPlan Of(bool paid, string? paidType, int users)
    {
        var type = (paid ? paidType : null) ?? "";
        var edition = Has("ultimate") ? CrmEdition.Ultimate
            : Has("enterprise") || Has("one") ? CrmEdition.Enterprise
            : Has("professional") ? CrmEdition.Professional
            : Has("standard") ? CrmEdition.Standard
            : CrmEdition.Free;
        return new CrmPlan(edition, users);

        bool Has(string word) => type.Contains(word, StringComparison.OrdinalIgnoreCase);
    }

    public static CrmPlan? Parse(string? text) => text?.Split(':') is [var edition, var users]
        && Enum.TryParse<CrmEdition>(edition, out var known)
        && int.TryParse(users, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            ? new CrmPlan(known, count)
            : null;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Edition}:{Users}");

    private int Raised(int perUser, int most) => (int)Math.Min(most, 50_000L + ((long)perUser * Users));
}

/// <summary>Editions of Zoho CRM; one that is not known counts as the first.</summary>
public enum CrmEdition
{
    Free,
    Standard,
    Professional,
    Enterprise,
    Ultimate,
}
