using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace ZohoPlatform.Simulator.Crm;

/// <summary>How a page_token goes on while records change: nobody has published it.</summary>
internal enum PageTokens
{
    /// <summary>From the same number of rows: changes make rows be skipped or come twice.</summary>
    Offset,

    /// <summary>After the last row told: none that stays in place is skipped.</summary>
    AfterLast,

    /// <summary>Through the ids of the first page's moment.</summary>
    Snapshot,
}

/// <summary>Which keys a DUPLICATE_DATA names the other record with.</summary>
internal enum DuplicateKeys
{
    Both,
    IdOnly,
    RecordOnly,
}

/// <summary>
/// How Zoho CRM behaves where the sources disagree or are silent. What was measured is the default; elsewhere it is what is worse for the
/// caller.
/// </summary>
internal sealed record CrmSettings
{
    /// <summary>Status of OAUTH_SCOPE_MISMATCH: 401 as Zoho's files and a log have it, 403 as some notes.</summary>
    [AllowedValues(401, 403)]
    public int ScopeMismatchStatus { get; init; } = 401;

    /// <summary>What an expired access token is answered: INVALID_TOKEN, or AUTHENTICATION_FAILURE as has been met.</summary>
    [AllowedValues("INVALID_TOKEN", "AUTHENTICATION_FAILURE")]
    public string ExpiredTokenCode { get; init; } = "INVALID_TOKEN";

    /// <summary>Status when every record of a call is refused: 400, or 202 as older versions and some of Zoho's files have it.</summary>
    [AllowedValues(202, 400)]
    public int AllRefusedStatus { get; init; } = 400;

    /// <summary>What each call takes of real time while it counts against the concurrency.</summary>
    [Range(0, 60_000)]
    public int CallMilliseconds { get; init; }

    /// <summary>The older body of a 429, whose <c>code</c> is a number.</summary>
    public bool LegacyLimitBody { get; init; }

    /// <summary>
    /// Status of a list with If-Modified-Since and nothing new: 304 as connectors met it, 204 as the newer files have it.
    /// </summary>
    [AllowedValues(204, 304)]
    public int NothingModifiedStatus { get; init; } = 304;

    /// <summary>If-Modified-Since lets through what was modified in that very second.</summary>
    public bool ModifiedSinceInclusive { get; init; }

    public PageTokens PageTokens { get; init; } = PageTokens.Offset;

    /// <summary>The list of the deleted ends at 2,000 rows.</summary>
    public bool DeletedCapped { get; init; } = true;

    /// <summary>PUT of a record that is gone is refused at the root, as measured; otherwise in <c>data</c>.</summary>
    public bool GoneAtRoot { get; init; } = true;

    public DuplicateKeys DuplicateKeys { get; init; } = DuplicateKeys.Both;

    /// <summary>Of two upserts under way at once on a field that is not unique, neither sees the other's record.</summary>
    public bool UpsertsRace { get; init; } = true;

    /// <summary>A picklist refuses what it does not list; Zoho's page says that a normal one takes it.</summary>
    public bool StrictPicklists { get; init; } = true;

    /// <summary>A tag that nobody has made is made by being added; otherwise it is refused.</summary>
    public bool UnknownTagsCreated { get; init; } = true;

    /// <summary>Most characters of a note: 65,535 in Zoho's files, 32,000 by memory.</summary>
    [AllowedValues(32_000, 65_535)]
    public int NoteContentMaximum { get; init; } = 65_535;

    /// <summary>Notes come newest first, as a user may have chosen.</summary>
    public bool NotesNewestFirst { get; init; }

    /// <summary>The notes of a converted lead go to the contact; otherwise they stay where nobody finds them.</summary>
    public bool ConvertedNotesMove { get; init; }

    /// <summary>
    /// A merged child is <c>permanent</c> among the deleted, and nothing but its id is known; otherwise it lies in the bin.
    /// </summary>
    public bool MergedChildrenPermanent { get; init; } = true;

    /// <summary>Related records above which a merge is scheduled.</summary>
    [Range(0, 1_000_000)]
    public int MergeScheduledAbove { get; init; } = 1000;

    /// <summary>How long a scheduled merge takes, by the simulator's clock.</summary>
    [Range(0, 86_400)]
    public int MergeSeconds { get; init; } = 60;

    /// <summary>Call_Duration is minutes and seconds, as recorded; otherwise hours and minutes, as documented.</summary>
    public bool CallDurationInMinutes { get; init; } = true;

    /// <summary>How far the search index lags, by the simulator's clock.</summary>
    [Range(0, 86_400)]
    public int IndexDelaySeconds { get; init; } = 5;

    /// <summary><c>equals</c> in criteria finds what contains the value, as documented.</summary>
    public bool SearchEqualsContains { get; init; } = true;

    /// <summary><c>email=</c> finds parts of an address.</summary>
    public bool SearchEmailPartial { get; init; } = true;

    /// <summary>Criteria per search: 10 by the pages, 15 by Zoho's files.</summary>
    [AllowedValues(10, 15)]
    public int SearchCriteriaMaximum { get; init; } = 10;

    /// <summary>What a search without a parameter is answered.</summary>
    [AllowedValues("EXPECTED_PARAM_MISSING", "MANDATORY_NOT_FOUND")]
    public string SearchParameterMissingCode { get; init; } = "EXPECTED_PARAM_MISSING";

    /// <summary>Rows of one query.</summary>
    [AllowedValues(200, 2000)]
    public int CoqlRows { get; init; } = 2000;

    /// <summary>Rows by LIMIT and OFFSET in all: 100,000 by v8's page, 10,000 by others and by the error's text.</summary>
    [AllowedValues(10_000, 100_000)]
    public int CoqlTotal { get; init; } = 10_000;

    /// <summary>Values of one IN.</summary>
    [AllowedValues(50, 100)]
    public int CoqlInValues { get; init; } = 50;

    /// <summary>A lookup column gives <c>{"id","name"}</c>; usually only the id.</summary>
    public bool CoqlLookupNames { get; init; }

    /// <summary>Converted leads come without being asked for.</summary>
    public bool CoqlListsConverted { get; init; } = true;

    /// <summary>Callbacks say <c>insert</c>, <c>update</c>, as recorded; otherwise <c>create</c>, <c>edit</c>.</summary>
    public bool NotificationsSayInsert { get; init; } = true;

    /// <summary>The body of older channels: without <c>server_time</c> and <c>affected_values</c>.</summary>
    public bool NotificationsShort { get; init; }

    /// <summary><c>channel_id</c> of a callback is a number.</summary>
    public bool NotificationChannelNumbers { get; init; }

    /// <summary>How late callbacks are, in real time.</summary>
    [Range(0, 600)]
    public double NotificationsLateSeconds { get; init; }

    /// <summary>Each callback comes twice.</summary>
    public bool NotificationsDoubled { get; init; }

    /// <summary>One callback of so many is lost; 0 for none.</summary>
    [Range(0, 1_000_000)]
    public int NotificationsLostEvery { get; init; }

    /// <summary>How long a bulk read takes, by the simulator's clock: a third of it ADDED, QUEUED and IN PROGRESS each.</summary>
    [Range(0, 86_400)]
    public int BulkSeconds { get; init; } = 6;

    /// <summary>Rows of one bulk read.</summary>
    [Range(1, 200_000)]
    public int BulkRows { get; init; } = 200_000;

    /// <summary>Bulk reads fail.</summary>
    public bool BulkFails { get; init; }

    /// <summary>How a failed bulk read is called: FAILURE in Zoho's files, FAILED in older notes.</summary>
    [AllowedValues("FAILURE", "FAILED")]
    public string BulkFailureState { get; init; } = "FAILURE";

    /// <summary>A bulk read shows a <c>result</c> before it is COMPLETED, as samples do.</summary>
    public bool BulkResultEarly { get; init; } = true;

    [JsonIgnore]
    public TimeSpan IndexDelay => TimeSpan.FromSeconds(IndexDelaySeconds);
}
