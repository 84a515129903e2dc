using System.Globalization;
using ZohoPlatform.Providers.Http;

namespace ZohoPlatform.Providers.Zoho.Finance;

/// <summary>How many calls an organisation may make, of all its clients together.</summary>
/// <param name="CallsADay">By its plan; Zoho says it with every answer (<c>X-Rate-Limit-Limit</c>).</param>
internal sealed record FinanceBudget(int CallsADay)
{
    /// <summary>The smallest plan's, where nobody knows more ("API Call Limit" of Zoho Books).</summary>
    public static readonly FinanceBudget Lowest = new(1_000);

    /// <summary>Calls that Zoho works on at once: five in the smallest plan, of which one is left to others.</summary>
    public const int AtOnce = 4;

    private const int CallsAMinute = 100;

    /// <summary>Whoever passes the minute's limit is blocked for so long, with the whole organisation.</summary>
    public static readonly TimeSpan BlockedFor = TimeSpan.FromHours(1);

    public QuotaMethod Quota => new(
        "finance-calls", BlockedFor, new QuotaLimit(CallsAMinute, TimeSpan.FromMinutes(1)), new QuotaLimit(CallsADay, TimeSpan.FromDays(1)));

    public static FinanceBudget? Parse(string? text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var calls) && calls > 0 ? new FinanceBudget(calls) : null;

    public override string ToString() => CallsADay.ToString(CultureInfo.InvariantCulture);
}
