using System.Collections.Frozen;
using System.Globalization;
using System.Net;

namespace ZohoPlatform.Providers.Zoho.Finance;

/// <summary>
/// Every code of the finance products that is known (their pages "Errors" and those of the entities, and what was seen), with what follows from it. A
/// code means one thing in one entity and another in the next, and 1000 is a name that exists or a failure of Zoho's own: the status tells these apart.
/// </summary>
internal static class FinanceCodes
{
    public static readonly FinanceCode TokenRefused = new(
        FinanceCodeClass.Auth,
        "finance_token_refused",
        "Zoho refuses the connection's access token, or it does not cover this: check that the user has the product in this data centre, and connect again with its "
            + "feature.");

    public static readonly FinanceCode OutcomeUnknown = new(
        FinanceCodeClass.Unclear, "zoho_outcome_unknown", "Zoho did not say whether it was done: look there before you try again.");

    public static readonly FinanceCode Blocked = new(
        FinanceCodeClass.Blocked,
        "finance_blocked",
        "Zoho has blocked the organisation for an hour after too many calls in a minute, of this platform or of others: calls go on by themselves.");

    public static readonly FinanceCode DayUsed = new(
        FinanceCodeClass.DayUsed,
        "finance_day_used",
        "The organisation's calls of the day are used up: calls go on by themselves after midnight of its time zone, or with a larger plan.");

    public static readonly FinanceCode Busy = new(
        FinanceCodeClass.Busy, "finance_busy", "Zoho works on as many calls of the organisation as it takes at once; it may take this one in a moment.");

    public static readonly FinanceCode Retry = new(
        FinanceCodeClass.Retry, "zoho_busy", "Zoho could not do it just now; it may work in a moment.");

    public static readonly FinanceCode Gone = new(
        FinanceCodeClass.Gone, "finance_record_gone", "The record is not in Zoho, or no more.");

    private static readonly FinanceCode HeaderMissing = new(
        FinanceCodeClass.BadRequest, "request_not_understood", "The call reached Zoho without its token. This is the platform's fault: report it.");

    private static readonly FinanceCode NotUnderstood = new(
        FinanceCodeClass.BadRequest, "request_not_understood", "Zoho did not understand the request. This is the platform's fault: report it.");

    private static readonly FinanceCode OtherOrganization = new(
        FinanceCodeClass.Configuration,
        "organization_not_connected",
        "The connection's user does not belong to this organisation, or it is in another data centre: choose one that the connection lists.");

    private static readonly FinanceCode BadValue = new(
        FinanceCodeClass.BadData, "invalid_value", "Zoho does not take the value of a field: check its kind and its length.");

    private static readonly FinanceCode NameTaken = new(
        FinanceCodeClass.Duplicate, "name_taken", "A record with this name exists in the organisation: give it another one, or change that record.");

    private static readonly FinanceCode NumberTaken = new(
        FinanceCodeClass.Duplicate, "number_taken", "A record with this number exists in the organisation: give it another one, or change that record.");

    private static readonly FinanceCode InUse = new(
        FinanceCodeClass.Held, "record_in_use", "The record has transactions, payments or credits: take these away first, or mark it inactive.");

    private static readonly FinanceCode Locked = new(
        FinanceCodeClass.Held, "record_locked", "What was asked to change is fixed for this record in Zoho: credits applied, its customer or its kind.");

    private static readonly FinanceCode BusinessRule = new(
        FinanceCodeClass.BadData, "business_rule", "A rule of the organisation in Zoho refuses it: try the same there, where it says which.");

    private static readonly FrozenDictionary<int, FinanceCode> Table = new Dictionary<int, FinanceCode>
    {
        [57] = TokenRefused,
        [14] = HeaderMissing,
        [6041] = OtherOrganization,
        [6024] = OtherOrganization,
        [4029] = OtherOrganization,
        [2] = BadValue,
        [4] = BadValue,
        [11] = BadValue,
        [15] = BadValue,
        [3013] = BadValue,
        [9004] = BadValue,
        [5] = NotUnderstood,
        [36] = NotUnderstood,
        [37] = NotUnderstood,
        [1002] = Gone,
        [2006] = Gone,
        [3062] = NameTaken,
        [1001] = NumberTaken,
        [13011] = NumberTaken,
        [36004] = NumberTaken,
        [3000] = InUse,
        [2049] = InUse,
        [4001] = InUse,
        [12008] = InUse,
        [3009] = Locked,
        [3010] = Locked,
        [2076] = Locked,
        [37135] = Locked,
        [13009] = BusinessRule,
        [3032] = BusinessRule,
        [71510] = BusinessRule,
        [71512] = BusinessRule,
        [110817] = BusinessRule,
        [110942] = BusinessRule,
        [43] = Blocked,
        [44] = Blocked,
        [45] = DayUsed,
        [1070] = Busy,
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<string, FinanceCodeClass> Classes = Table.Values
        .Concat([OutcomeUnknown, Retry])
        .DistinctBy(code => code.FailureCode, StringComparer.Ordinal)
        .ToFrozenDictionary(code => code.FailureCode, code => code.Class, StringComparer.Ordinal);

    /// <summary>All that are known.</summary>
    public static IEnumerable<int> Known => Table.Keys.Append(1000);

    /// <summary>What a code means that came with <paramref name="status"/>.</summary>
    public static FinanceCode Find(int code, HttpStatusCode status) => code switch
    {
        1000 => status >= HttpStatusCode.InternalServerError ? Retry : NameTaken,
        _ when Table.TryGetValue(code, out var found) => found,
        _ when status is HttpStatusCode.NotFound => Gone,
        _ when status >= HttpStatusCode.InternalServerError => Retry,
        _ => new FinanceCode(
            FinanceCodeClass.Unknown,
            "zoho_code_unknown",
            $"Zoho refused with the code {code.ToString(CultureInfo.InvariantCulture)}, which its documentation does not list."),
    };

    /// <summary>The class behind a failure's code; null for one that is not of the finance products.</summary>
    public static FinanceCodeClass? ClassOf(string failureCode) => Classes.TryGetValue(failureCode, out var found) ? found : null;
}
