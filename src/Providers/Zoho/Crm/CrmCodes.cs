using System.Collections.Frozen;

namespace ZohoPlatform.Providers.Zoho.Crm;

/// <summary>
/// Every code of Zoho CRM's API v8 that the operations of <see cref="CrmMethods"/> may answer (the pages of these operations, "Status
/// codes", and Zoho's OpenAPI files), with what follows from it. The code decides and not the HTTP status, which differs from version to
/// version. Where a code means something else in one operation, <see cref="Find"/> knows it.
/// </summary>
internal static class CrmCodes
{
    public static readonly CrmCode TokenRefused = new(
        CrmCodeClass.Auth,
        "zoho_token_refused",
        "Zoho CRM refuses the connection's access token, a renewed one too: check that the user has Zoho CRM in this data centre, and connect "
        + "again with the feature crm.");

    public static readonly CrmCode ScopesMissing = new(
        CrmCodeClass.Configuration,
        CrmFailures.ScopesMissingCode,
        "The connection lacks a scope of Zoho CRM: connect again with the feature crm, and accept everything.");

    /// <summary>The record that a call names is deleted, merged into another, or was never there.</summary>
    public static readonly CrmCode RecordGone = new(
        CrmCodeClass.Gone,
        "record_gone",
        "The record is not in Zoho CRM, or no more: look for it by its e-mail address or phone number, it may have been converted or merged.");

    public static readonly CrmCode ConversionNotFound = new(
        CrmCodeClass.Gone,
        "conversion_not_found",
        "Zoho CRM knows no conversion of this lead: where the lead itself is gone, look for it among the deleted ones.");

    public static readonly CrmCode OutcomeUnknown = new(
        CrmCodeClass.Unclear,
        "zoho_outcome_unknown",
        "Zoho CRM did not say whether it was done: look there before you try again.");

    public static readonly CrmCode CreditsUsed = new(
        CrmCodeClass.Throttled,
        "crm_credits_used",
        "The organisation's API credits of the last 24 hours are used up: wait, or buy more in Zoho CRM.");

    public static readonly CrmCode ConcurrencyReached = new(
        CrmCodeClass.Throttled,
        "crm_concurrency_reached",
        "Zoho CRM works on as many calls of the organisation as it takes at once; it may take this one in a moment.");

    public static readonly CrmCode Throttled = new(
        CrmCodeClass.Throttled, "zoho_throttled", "Zoho CRM takes no more calls for a moment; it will again soon.");

    public static readonly CrmCode Unknown = new(
        CrmCodeClass.Unknown,
        "zoho_code_unknown",
        "Zoho CRM refused with a code that its documentation does not list; it may work in a moment.");

    private static readonly CrmCode Done = new(CrmCodeClass.Done, "done", "Zoho CRM did it.");
    private static readonly CrmCode Nothing = new(CrmCodeClass.Empty, "nothing_found", "Zoho CRM has nothing to show for this.");
    private static readonly CrmCode Busy = new(
        CrmCodeClass.Retry, "zoho_busy", "Zoho CRM could not do it just now; it may work in a moment.");
    private static readonly CrmCode NoPrivilege = new(
        CrmCodeClass.Configuration,
        "no_privilege",
        "The Zoho user behind the connection may not do this: give its profile the permission in Zoho CRM, or connect with another user.");
    private static readonly CrmCode ModuleNotAvailable = new(
        CrmCodeClass.Configuration,
        "module_not_available",
        "Zoho CRM has no such module for the connection's user: check the module's API name, and that the user's profile shows its tab.");
    private static readonly CrmCode FieldNotAvailable = new(
        CrmCodeClass.Configuration,
        "field_not_available",
        "Zoho CRM does not give this field to the API: check its API name and that the user's profile shows it, or leave it out.");
    private static readonly CrmCode NotSupported = new(
        CrmCodeClass.Configuration,
        "not_supported_here",
        "Zoho CRM does not do this in this organisation: check that its edition has the feature and that it is switched on.");
    private static readonly CrmCode CallbackRefused = new(
        CrmCodeClass.Configuration,
        "callback_refused",
        "Zoho CRM does not take the address that it is to call: it must be a public https address of at most 255 characters.");
    private static readonly CrmCode RequestNotUnderstood = new(
        CrmCodeClass.BadRequest,
        "request_not_understood",
        "Zoho CRM did not understand the request; please report this with the trace id.");
    private static readonly CrmCode TooMany = new(
        CrmCodeClass.BadRequest,
        "too_many_entries",
        "Zoho CRM takes fewer entries in one call than were sent or asked for; please report this with the trace id.");
    private static readonly CrmCode QueryRefused = new(
        CrmCodeClass.BadRequest,
        "query_refused",
        "Zoho CRM does not take the query: check that its fields exist in this organisation and fit what they are compared with.");
    private static readonly CrmCode CriteriaRefused = new(
        CrmCodeClass.BadRequest,
        "criteria_refused",
        "Zoho CRM does not take the criteria: check that their fields exist in this organisation and fit what they are compared with.");
    private static readonly CrmCode PagesExhausted = new(
        CrmCodeClass.BadRequest,
        "pages_exhausted",
        "Zoho CRM shows no more pages of this: narrow what is asked for.");
    private static readonly CrmCode PageTokenExpired = new(
        CrmCodeClass.Restart,
        "page_token_expired",
        "The way through the pages is older than Zoho CRM allows, or what is asked for changed: begin with the first page.");
    private static readonly CrmCode InvalidValue = new(
        CrmCodeClass.BadData,
        "invalid_value",
        "Zoho CRM does not take the value of a field: check its kind, its length and, of a list, that it is one of the list's values.");
    private static readonly CrmCode FieldMissing = new(
        CrmCodeClass.BadData,
        "mandatory_field_missing",
        "Zoho CRM misses a mandatory field: send it, or make it optional in the module's layout.");
    private static readonly CrmCode ValuesDoNotFit = new(
        CrmCodeClass.BadData,
        "values_do_not_fit",
        "Values that Zoho CRM holds against each other do not fit: a stage to its pipeline, a duration to its call, a value to the one "
        + "that it depends on.");
    private static readonly CrmCode DuplicateRecord = new(
        CrmCodeClass.Duplicate,
        "duplicate_record",
        "Zoho CRM has a record with this value of a unique field: change that one instead.");
    private static readonly CrmCode RecordLocked = new(
        CrmCodeClass.Held,
        "record_locked",
        "The record is locked in Zoho CRM or is being merged: unlock it there, or try again when the merge has ended.");
    private static readonly CrmCode RecordInApproval = new(
        CrmCodeClass.Held,
        "record_in_approval",
        "The record waits for an approval or a review in Zoho CRM: it can be changed once somebody has decided there.");
    private static readonly CrmCode RecordInBlueprint = new(
        CrmCodeClass.Held,
        "record_in_blueprint",
        "The record is in a blueprint of Zoho CRM that does not let this change: carry out the blueprint's step there.");
    private static readonly CrmCode ActionNotPossible = new(
        CrmCodeClass.Held,
        "action_not_possible",
        "Zoho CRM does not let this record be changed like this at present: look at its state there.");
    private static readonly CrmCode ResourceGone = new(
        CrmCodeClass.Gone,
        "resource_gone",
        "Zoho CRM does not have this, or no more: results of bulk reads are kept for one day. Begin a new job.");
    private static readonly CrmCode ChannelGone = new(
        CrmCodeClass.Gone,
        "channel_gone",
        "Zoho CRM has no such notification channel, or no more: make it again.");
    private static readonly CrmCode StorageFull = new(
        CrmCodeClass.PlanLimit, "zoho_storage_full", "The organisation's storage in Zoho CRM is full: enlarge it or delete records.");
    private static readonly CrmCode ChannelLimit = new(
        CrmCodeClass.PlanLimit,
        "channel_limit",
        "The organisation has as many notification channels as Zoho CRM allows: stop one that nobody needs.");
    private static readonly CrmCode AlreadyConverted = new(
        CrmCodeClass.Converted,
        "lead_already_converted",
        "The lead was converted already: go on with the contact that it became.");
    private static readonly CrmCode ConvertedRecord = new(
        CrmCodeClass.Converted,
        "record_converted",
        "The lead was converted and cannot be changed any more: change the contact that it became.");

    private static readonly FrozenDictionary<string, CrmCode> Table = new Dictionary<string, CrmCode>(StringComparer.Ordinal)
    {
        ["SUCCESS"] = Done,
        ["ADDED"] = Done,
        ["ADDED_SUCCESSFULLY"] = Done,
        ["SCHEDULED"] = Done,

        ["NO_CONTENT"] = Nothing,
        ["NO_RECORDS_FOUND"] = Nothing,

        // the token and what it may
        ["INVALID_TOKEN"] = TokenRefused,
        ["INVALID_OAUTHTOKEN"] = TokenRefused,
        ["AUTHENTICATION_FAILURE"] = TokenRefused,
        ["OAUTH_SCOPE_MISMATCH"] = ScopesMissing,
        ["NO_PERMISSION"] = NoPrivilege,
        ["AUTHORIZATION_FAILED"] = NoPrivilege,

        // limits
        ["TOO_MANY_REQUESTS"] = Throttled,
        ["RATE_LIMIT_EXCEEDED"] = Throttled,
        ["LIMIT_EXCEEDED"] = TooMany,
        ["LIMIT_REACHED"] = PagesExhausted,
        ["STORAGE_SPACE_EXCEEDED"] = StorageFull,
        // of a call or of one record (help.zoho.com, "New Error Code in CRM APIs to Handle Data Storage Limits")
        ["MAX_RECORDS_LIMIT_REACHED"] = StorageFull,

        // the organisation
        ["INVALID_MODULE"] = ModuleNotAvailable,
        ["MODULE_NOT_AVAILABLE"] = ModuleNotAvailable,
        ["MODULE_NOT_SUPPORTED"] = ModuleNotAvailable,
        ["API_NOT_SUPPORTED"] = ModuleNotAvailable,
        ["FIELD_NOT_AVAILABLE"] = FieldNotAvailable,
        ["FIELD_NOT_SUPPORTED"] = FieldNotAvailable,
        ["NOT_SUPPORTED"] = NotSupported,
        ["NOT_SUPPORTED_FEATURE"] = NotSupported,
        ["NOT_ALLOWED"] = NotSupported,
        ["FEATURE_NOT_ENABLED"] = NotSupported,
        ["FEATURE_NOT_SUPPORTED"] = NotSupported,
        ["TERRITORY_NOT_ENABLED"] = NotSupported,

        // a record's data
        ["INVALID_DATA"] = InvalidValue,
        ["MANDATORY_NOT_FOUND"] = FieldMissing,
        ["REQUIRED_DATA_NOT_FOUND"] = FieldMissing,
        ["EXPECTED_FIELD_MISSING"] = FieldMissing,
        ["DEPENDENT_FIELD_MISSING"] = FieldMissing,
        ["DEPENDENT_MISMATCH"] = ValuesDoNotFit,
        ["MAPPING_MISMATCH"] = ValuesDoNotFit,
        ["DATA_MISMATCH"] = ValuesDoNotFit,
        ["AMBIGUITY_DURING_PROCESSING"] = ValuesDoNotFit,
        ["MULTIPLE_OR_MULTI_ERRORS"] = InvalidValue,
        ["DUPLICATE_DATA"] = DuplicateRecord,

        // a record's state
        ["RECORD_LOCKED"] = RecordLocked,
        ["NOT_APPROVED"] = RecordInApproval,
        ["NOT_REVIEWED"] = RecordInApproval,
        ["RECORD_IN_BLUEPRINT"] = RecordInBlueprint,
        ["CANNOT_PERFORM_ACTION"] = ActionNotPossible,
        ["CANNOT_BE_UPDATED"] = ActionNotPossible,
        ["CANNOT_UPDATE"] = ActionNotPossible,
        ["CANNOT_DELETE"] = ActionNotPossible,
        ["CANNOT_PROCESS"] = ActionNotPossible,
        ["ALREADY_SCHEDULED"] = ActionNotPossible,
        ["ALREADY_USED"] = ActionNotPossible,
        ["ALREADY_MODIFIED"] = new(
            CrmCodeClass.Changed, "record_changed", "The record was changed in Zoho CRM since it was read: read it again."),
        ["ID_ALREADY_CONVERTED"] = AlreadyConverted,
        ["CONVERTED_RECORD"] = ConvertedRecord,
        ["NOT_FOUND"] = RecordGone,
        ["RESOURCE_NOT_FOUND"] = ResourceGone,
        ["NOT_SUBSCRIBED"] = ChannelGone,

        // pages
        ["PAGINATION_LIMIT_EXCEEDED"] = PagesExhausted,
        ["DISCRETE_PAGINATION_LIMIT_EXCEEDED"] = PagesExhausted,
        ["PAGE_RANGE_EXCEEDED"] = PagesExhausted,
        ["PAGE_NOT_SUPPORTED"] = PagesExhausted,
        ["EXPIRED_VALUE"] = PageTokenExpired,
        ["TOKEN_BOUND_DATA_MISMATCH"] = PageTokenExpired,

        // queries
        ["SYNTAX_ERROR"] = QueryRefused,
        ["INVALID_QUERY"] = QueryRefused,
        ["DUPLICATE_ALIAS"] = QueryRefused,
        ["INVALID_ALIAS"] = QueryRefused,
        ["QUERY_NOT_SUPPORTED"] = QueryRefused,
        ["JOIN_LIMIT_EXCEEDED"] = QueryRefused,
        ["CVID_NOT_SUPPORTED"] = QueryRefused,

        // criteria
        ["CRITERIA_LIMIT_EXCEEDED"] = CriteriaRefused,
        ["CRITERIA_NOT_SUPPORTED"] = CriteriaRefused,
        ["INVALID_CRITERIA"] = CriteriaRefused,
        ["AMBIGUOUS_CRITERIA"] = CriteriaRefused,
        ["AMBIGUOUS_GROUP_IN_CRITERIA"] = CriteriaRefused,
        ["GROUP_OPERATOR_NOT_SUPPORTED"] = CriteriaRefused,
        ["VALUE_TYPE_NOT_SUPPORTED"] = CriteriaRefused,
        ["VALUE_IN_CRITERIA_NOT_SUPPORTED"] = CriteriaRefused,
        ["VALUE_LIMIT_EXCEEDED_IN_CRITERIA"] = CriteriaRefused,
        ["FIELD_IN_CRITERIA_NOT_AVAILABLE"] = CriteriaRefused,
        ["FIELD_IN_CRITERIA_NOT_SUPPORTED"] = CriteriaRefused,
        ["FIELD_COMPARATOR_IN_CRITERIA_NOT_SUPPORTED"] = CriteriaRefused,
        ["FIELD_AND_COMPARATOR_IN_CRITERIA_NOT_COMPATIBLE"] = CriteriaRefused,
        ["FIELD_AND_VALUE_IN_CRITERIA_NOT_COMPATIBLE"] = CriteriaRefused,
        ["COMPARATOR_AND_VALUE_IN_CRITERIA_NOT_COMPATIBLE"] = CriteriaRefused,
        ["COMPARATOR_AND_ENCRYPTED_VALUE_IN_CRITERIA_NOT_COMPATIBLE"] = CriteriaRefused,

        ["INVALID_CALLBACK_URL"] = CallbackRefused,
        ["INVALID_CALLBACK_METHOD"] = CallbackRefused,
        ["CALLBACK_FAILURE"] = CallbackRefused,

        // the request itself
        ["INVALID_URL_PATTERN"] = RequestNotUnderstood,
        ["INVALID_REQUEST"] = RequestNotUnderstood,
        ["INVALID_REQUEST_METHOD"] = RequestNotUnderstood,
        ["INVALID_SERVICE_NAME"] = RequestNotUnderstood,
        ["INVALID_BULK_OPERATION"] = RequestNotUnderstood,
        ["JOB_NOT_SUPPORTED"] = RequestNotUnderstood,
        ["MEDIA_TYPE_NOT_SUPPORTED"] = RequestNotUnderstood,
        ["REQUEST_BODY_IS_EMPTY"] = RequestNotUnderstood,
        ["REQUEST_BODY_NOT_READABLE"] = RequestNotUnderstood,
        ["REQUEST_BODY_NOT_SUPPORTED"] = RequestNotUnderstood,
        ["REQUIRED_PARAM_MISSING"] = RequestNotUnderstood,
        ["EXPECTED_PARAM_MISSING"] = RequestNotUnderstood,
        ["PATTERN_NOT_MATCHED"] = RequestNotUnderstood,
        ["UNABLE_TO_PARSE_DATA_TYPE"] = RequestNotUnderstood,
        ["RESERVED_KEYWORD_NOT_ALLOWED"] = RequestNotUnderstood,

        // Zoho's own troubles
        ["DEPENDENT_SERVICE_ERROR"] = Busy,
        ["INTERNAL_ERROR"] = Busy,
        ["INTERNAL_SERVER_ERROR"] = Busy,
        ["BAD_GATEWAY"] = Busy,
        ["SERVICE_UNAVAILABLE"] = Busy,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, CrmCodeClass> Classes = Table.Values
        .Concat([RecordGone, ConversionNotFound, OutcomeUnknown, ChannelLimit, CreditsUsed, ConcurrencyReached, Unknown])
        .DistinctBy(code => code.FailureCode, StringComparer.Ordinal)
        .ToFrozenDictionary(code => code.FailureCode, code => code.Class, StringComparer.Ordinal);

    /// <summary>What a code means when <paramref name="method"/> answers it with <paramref name="message"/>.</summary>
    public static CrmCode Find(string code, CrmMethod method, string message) => code switch
    {
        "TOO_MANY_REQUESTS" or "RATE_LIMIT_EXCEEDED" => LimitOf(message),
        // the pages of a search, or the channels of an organisation
        "LIMIT_REACHED" when method == CrmMethods.Watch || method == CrmMethods.ChangeWatch => ChannelLimit,
        // a column twice, and no record
        "DUPLICATE_DATA" when method == CrmMethods.Query => QueryRefused,
        "LIMIT_EXCEEDED" or "INVALID_DATA" when method == CrmMethods.Query => QueryRefused,
        _ when Table.TryGetValue(code, out var found) => found,
        _ => Unknown with
        {
            Message = $"Zoho CRM refused with the code {Shown(code)}, which its documentation does not list; it may work in a moment.",
        },
    };

    /// <summary>
    /// True where a new token may be taken, false where the code says that the token is none of the reasons; null where nobody knows.
    /// </summary>
    public static bool? RefusesToken(string code) => Table.TryGetValue(code, out var found) ? found == TokenRefused : null;

    /// <summary>All that Zoho's pages list.</summary>
    public static IEnumerable<string> Documented => Table.Keys;

    /// <summary>The class behind a failure's code; null for one that is not of Zoho CRM.</summary>
    public static CrmCodeClass? ClassOf(string failureCode) => Classes.TryGetValue(failureCode, out var found) ? found : null;

    // both limits have one code, and the words alone say which it was
    private static CrmCode LimitOf(string message) =>
        Speaks(message, "concurren") || Speaks(message, "simultaneous") ? ConcurrencyReached
        : Speaks(message, "24 hour") || Speaks(message, "credit") ? CreditsUsed
        : Throttled;

    private static bool Speaks(string message, string of) => message.Contains(of, StringComparison.OrdinalIgnoreCase);

    // what a provider writes is shown only where it has the shape of a code
    private static string Shown(string code) =>
        code.Length is > 0 and <= 80 && code.All(one => char.IsAsciiLetterUpper(one) || char.IsAsciiDigit(one) || one == '_') ? code : "?";
}
