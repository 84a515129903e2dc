using System.Collections.Frozen;

namespace ZohoPlatform.Providers.Zoho.Campaigns;

/// <summary>
/// Every code that Zoho Campaigns documents (Zoho Campaigns, "Error codes", and the pages of the methods; 2006 to 2008 are on those of
/// Zoho Marketing Automation, whose API is the same), with what follows from it. Zoho's pages give some numbers two meanings; where the
/// meaning depends on the method, <see cref="Find"/> knows it.
/// </summary>
internal static class CampaignsCodes
{
    /// <summary>The method is locked.</summary>
    public const int CallLimitExceeded = 2008;

    /// <summary>Stands for a code that is a word; no page of Zoho Campaigns has one.</summary>
    public const int NotANumber = -1;

    public static readonly CampaignsCode ListNotFound = new(
        CampaignsCodeClass.Configuration,
        "list_not_found",
        "List key not found: copy the key of the mailing list from Zoho Campaigns (the list, Setup, List key) into the settings.")
    {
        IsNotFound = true,
    };

    public static readonly CampaignsCode TokenRefused = new(
        CampaignsCodeClass.Auth,
        "zoho_token_refused",
        "Zoho Campaigns refuses the connection's access token, a renewed one too: check that the user has Zoho Campaigns, and connect "
        + "again "
        + "with the feature campaigns.");

    /// <summary>More addresses or a larger range than the method takes.</summary>
    public static readonly CampaignsCode TooMany = new(
        CampaignsCodeClass.BadRequest,
        "too_many_entries",
        "Zoho Campaigns takes fewer entries in one call than were sent or asked for; please report this with the trace id.");

    // what is common to many codes
    private static readonly CampaignsCode Done = new(CampaignsCodeClass.Done, "done", "Zoho Campaigns did it.");
    private static readonly CampaignsCode Nothing = new(
        CampaignsCodeClass.Empty, "nothing_found", "Zoho Campaigns has nothing to show for this.");
    private static readonly CampaignsCode Busy = new(
        CampaignsCodeClass.Retry, "zoho_busy", "Zoho Campaigns could not do it just now; it may work in a moment.");
    private static readonly CampaignsCode ListDeleted = new(
        CampaignsCodeClass.Configuration,
        CampaignsFailures.ListDeletedCode,
        "The mailing list was deleted in Zoho Campaigns: choose another one in the settings.")
    {
        IsNotFound = true,
    };
    private static readonly CampaignsCode NoPrivilege = new(
        CampaignsCodeClass.Configuration,
        "no_privilege",
        "The Zoho user behind the connection may not do this: give it the rights in Zoho Campaigns, or connect with another user.");
    private static readonly CampaignsCode FieldMissing = new(
        CampaignsCodeClass.BadRequest,
        "mandatory_field_missing",
        "Zoho Campaigns misses a mandatory field: send every field that is mandatory for contacts there, or make it optional.");
    private static readonly CampaignsCode RequestNotUnderstood = new(
        CampaignsCodeClass.BadRequest,
        "request_not_understood",
        "Zoho Campaigns did not understand the request; please report this with the trace id.");
    private static readonly CampaignsCode MethodUnknown = new(
        CampaignsCodeClass.BadRequest,
        "method_unknown",
        "Zoho Campaigns does not know the method that was called; please report this with the trace id.");
    private static readonly CampaignsCode PlanFull = new(
        CampaignsCodeClass.PlanLimit,
        "zoho_plan_limit",
        "The Zoho Campaigns plan holds no more contacts: enlarge it or remove contacts.");
    private static readonly CampaignsCode CampaignNotFound = new(
        CampaignsCodeClass.Configuration,
        "campaign_not_found",
        "The campaign key is not known in Zoho Campaigns, or the campaign was not sent yet.")
    {
        IsNotFound = true,
    };
    private static readonly CampaignsCode CampaignDeleted = new(
        CampaignsCodeClass.Configuration, "campaign_deleted", "The campaign was deleted in Zoho Campaigns: choose another one.")
    {
        IsNotFound = true,
    };
    private static readonly CampaignsCode CampaignSent = new(
        CampaignsCodeClass.AlreadyDone, "campaign_already_sent", "The campaign has been sent already.");
    private static readonly CampaignsCode SegmentNotFound = new(
        CampaignsCodeClass.Configuration, "segment_not_found", "The segment is not known in Zoho Campaigns: choose another one.")
    {
        IsNotFound = true,
    };
    private static readonly CampaignsCode CouponSetup = new(
        CampaignsCodeClass.Configuration,
        "coupon_not_set_up",
        "A coupon or shop of the campaign is not set up: complete it in Zoho Campaigns.");
    private static readonly CampaignsCode DuplicateName = new(
        CampaignsCodeClass.Configuration, "name_taken", "Zoho Campaigns has something of this name already: choose another name.");

    private static readonly CampaignsCode DataRefused = new(
        CampaignsCodeClass.BadContact,
        CampaignsFailures.DataRefusedCode,
        "Zoho Campaigns does not take what was said of this contact: hold its values against the types and lengths of the contact fields there, "
        + "and send it again.");

    private static readonly CampaignsCode ContactExists = new(
        CampaignsCodeClass.AlreadyDone, "contact_exists", "The contact is in this list already.");

    private static readonly CampaignsCode OnDoNotMail = new(
        CampaignsCodeClass.AlreadyDone, "already_on_do_not_mail", "The contact is in Zoho's Do-Not-Mail registry already.");

    private static readonly CampaignsCode Unknown = new(
        CampaignsCodeClass.Retry,
        "zoho_code_unknown",
        "Zoho Campaigns refused with a code that its documentation does not list; it may work in a moment.");

    private static readonly FrozenDictionary<int, CampaignsCode> Table = new Dictionary<int, CampaignsCode>
    {
        [0] = Done,
        [200] = Done,
        [3023] = Done,
        [6201] = Done,

        [400] = RequestNotUnderstood,
        [401] = TokenRefused,
        [404] = MethodUnknown,
        [500] = Busy,

        [901] = new(
            CampaignsCodeClass.Auth,
            "zoho_account_inactive",
            "The Zoho Campaigns account is not active: sign in to Zoho Campaigns and activate it."),
        [902] = new(
            CampaignsCodeClass.Auth,
            "zoho_account_missing",
            "The Zoho user behind the connection has no Zoho Campaigns account: open Zoho Campaigns once with it, or connect with another "
            + "user."),
        [903] = FieldMissing,
        [910] = Nothing,
        [914] = PlanFull,
        [916] = DuplicateName,
        [991] = Nothing,
        [992] = Nothing,
        [993] = Nothing,
        [994] = Nothing,
        [995] = Nothing,
        [996] = Busy,

        [1001] = RequestNotUnderstood,
        [1002] = RequestNotUnderstood,
        [1003] = FieldMissing,
        [1004] = MethodUnknown,
        [1005] = RequestNotUnderstood,
        [1006] = RequestNotUnderstood,
        [1007] = TokenRefused,

        // "wrong format in contactinfo" cannot be: it is always written as JSON here
        [2001] = Busy,
        [2002] = ListNotFound,
        [2003] = ContactExists,
        [2004] = new(CampaignsCodeClass.BadContact, "invalid_email", "Zoho Campaigns does not accept the mail address."),
        [2005] = new(
            CampaignsCodeClass.BadContact,
            "role_address",
            "Zoho Campaigns takes no group addresses such as info@ or sales@: register with a person's own address."),
        [2006] = new(
            CampaignsCodeClass.Suppressed,
            "do_not_mail",
            "The contact is in Zoho's Do-Not-Mail registry and is not written to; only its owner can change that."),
        [2007] = RequestNotUnderstood,
        [CallLimitExceeded] = new(
            CampaignsCodeClass.Locked,
            "quota_locked",
            "Zoho Campaigns was called too often and is not called again until its lock is over."),
        [2020] = CouponSetup,
        [2021] = CouponSetup,

        [2101] = Busy,
        [2102] = ListNotFound,
        [2103] = new(CampaignsCodeClass.BadContact, CampaignsFailures.ContactNotFoundCode, "Zoho Campaigns does not know the contact.")
        {
            IsNotFound = true,
        },
        [2104] = Busy,
        [2201] = Busy,
        [2202] = ListNotFound,
        [2203] = ListDeleted,
        [2204] = Nothing,
        [2205] = DuplicateName,
        [2206] = ListDeleted,
        [2301] = Busy,
        [2302] = PlanFull,
        [2401] = ListNotFound,
        [2402] = Busy,
        [2501] = ListNotFound,
        [2502] = Busy,
        [2601] = SegmentNotFound,
        [2602] = SegmentNotFound,
        [2603] = SegmentNotFound,
        [2604] = SegmentNotFound,
        [2701] = NoPrivilege,
        [2704] = NoPrivilege,
        [2706] = NoPrivilege,
        [2707] = Busy,

        [3001] = CampaignNotFound,

        [6001] = Busy,
        [6002] = CampaignNotFound,
        [6101] = Nothing,
        [6301] = CampaignNotFound,
        [6302] = Nothing,
        [6303] = Nothing,
        [6304] = NoPrivilege,
        [6305] = Nothing,
        [6306] = Nothing,
        [6307] = Nothing,
        [6501] = Nothing,
        [6502] = TooMany,
        [6503] = CampaignDeleted,
        [6600] = CampaignSent,
        [6601] = NoPrivilege,
        [6603] = CouponSetup,
        [6604] = CouponSetup,
        [6605] = new(
            CampaignsCodeClass.Configuration,
            "campaign_changed",
            "The campaign's status was changed in Zoho Campaigns meanwhile: look at it there and decide again."),
        [6606] = new(
            CampaignsCodeClass.Configuration,
            "campaign_without_list",
            "The campaign has no mailing list: choose one (and a topic, where topics are used)."),
        [6607] = new(
            CampaignsCodeClass.Configuration,
            "campaign_without_content",
            "The campaign has no content, or the user may not send it: complete it in Zoho Campaigns."),
        [6608] = CampaignDeleted,
        [6609] = Busy,
        [6610] = Busy,
        [6611] = new(
            CampaignsCodeClass.Configuration,
            "campaign_not_reviewed",
            "Zoho has not reviewed the campaign's content yet: wait for the review or ask for it there."),

        [7001] = Busy,
        [7002] = Busy,
        [7003] = Busy,
        [9001] = new(CampaignsCodeClass.Configuration, "tag_not_found", "The tag is not known in Zoho Campaigns: create it there first.")
        {
            IsNotFound = true,
        },
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<string, CampaignsCodeClass> Classes = Table.Values.Concat([OnDoNotMail, DataRefused, Unknown])
        .DistinctBy(code => code.FailureCode, StringComparer.Ordinal)
        .ToFrozenDictionary(code => code.FailureCode, code => code.Class, StringComparer.Ordinal);

    /// <summary>
    /// What a number means when <paramref name="method"/> answers it with <paramref name="message"/>, which decides only where Zoho's pages
    /// give one number two meanings for one method.
    /// </summary>
    public static CampaignsCode Find(int number, CampaignsMethod method, string message) => number switch
    {
        NotANumber => Unknown,
        // apps have met this number with these words and count on it; its page has "Multiple key entries are not supported" alone
        1006 when method == CampaignsMethods.Subscribe && message.Contains("already exists", StringComparison.OrdinalIgnoreCase) => ContactExists,
        // the call itself is made in the same way for each contact: what does not fit is this one's
        400 or 1001 or 1005 or 2007 when method == CampaignsMethods.Subscribe => DataRefused,
        // "No mailing list has been created" there, an invalid list id everywhere else
        2401 when method == CampaignsMethods.MailingLists => Nothing,
        // the end of the pages ("Yet, there are no contacts in this list"), a passing trouble everywhere else
        2502 when method.IsListing || method == CampaignsMethods.SubscribersCount => Nothing,
        // "no contacts in the list" there, a deleted list everywhere else
        2203 when method == CampaignsMethods.Subscribers || method == CampaignsMethods.SubscribersCount => Nothing,
        // what was asked for is so
        2006 when method == CampaignsMethods.DoNotMail => OnDoNotMail,
        // a name that is taken, or a plan that is full
        2302 when method == CampaignsMethods.CreateList && !message.Contains("limit", StringComparison.OrdinalIgnoreCase) => DuplicateName,
        _ when Table.TryGetValue(number, out var found) => found,
        _ => Unknown with
        {
            Message = $"Zoho Campaigns refused with the code {number}, which its documentation does not list; it may work in a moment.",
        },
    };

    /// <summary>True where a new token may be taken.</summary>
    public static bool RefusesToken(int number) => Table.GetValueOrDefault(number) == TokenRefused;

    /// <summary>True for a number that stands for any trouble, so that the text beside it may say more.</summary>
    public static bool IsVague(int number) => Table.GetValueOrDefault(number) is { Class: CampaignsCodeClass.Retry or CampaignsCodeClass.BadRequest };

    /// <summary>True for a number that Zoho's pages list.</summary>
    public static bool IsDocumented(int? number) => number is { } known && Table.ContainsKey(known);

    /// <summary>The class behind a failure's code; null for one that is not of Zoho Campaigns.</summary>
    public static CampaignsCodeClass? ClassOf(string failureCode) => Classes.TryGetValue(failureCode, out var found) ? found : null;
}
