using ZohoPlatform.Api.Campaigns;

namespace ZohoPlatform.Gateway.Campaigns.Syncs;

/// <summary>One job as the API description shows it.</summary>
internal static class SyncExamples
{
    public const string Id = "0193a2b4-6d7e-7f80-8a1b-2c3d4e5f6071";

    private static readonly DateTimeOffset Start = new(2026, 11, 21, 9, 30, 0, TimeSpan.Zero);

    private static readonly FieldMapping[] Mapping = [new("mail", "Contact Email"), new("given_name", "First Name")];

    private static readonly RowFilter[] Filters = [new("accepts_marketing", ["yes", "true"])];

    public static readonly NewSync Request = new(SyncSource.Upload("0193a2b4-6c5d-7e6f-8091-a2b3c4d5e6f7"))
    {
        ListKey = DefaultList.Name,
        DryRun = true,
        Rate = 170,
        Mapping = Mapping,
        Filters = Filters,
        IgnoredColumns = ["opt_in_time"],
    };

    public static readonly Sync Running = new(
        Id,
        SyncState.Running,
        "quota_reached",
        "Zoho's limit for these calls is used up for the moment; the job goes on by itself.",
        false,
        "3zfake0list0key",
        null,
        170,
        Mapping,
        "users.csv",
        new SyncCounts(5000, 1247, 1100, 60, 12, 40, 8, 19, 1, 7, 0),
        1190,
        168.5,
        Start.AddMinutes(22),
        Start.AddMinutes(8),
        Start.AddSeconds(-2),
        Start,
        null,
        ["internal_note", "accepts_marketing", "opt_in_time"],
        Filters,
        ["opt_in_time"],
        [],
        false,
        null);

    public static readonly SyncContact Contact = new(
        1240, "ada@example.com", SyncOutcome.Suppressed, "left_at_zoho", "Has unsubscribed from this list at Zoho.", Start.AddMinutes(7));
}
