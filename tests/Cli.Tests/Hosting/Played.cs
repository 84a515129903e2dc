namespace ZohoPlatform.Cli.Tests.Hosting;

/// <summary>Bodies as the gateway spells them.</summary>
internal static class Played
{
    public const string SyncId = "0193a2b4-9e10-7b5c-8f4d-6a7b8c9d0e1f";
    public const string SyncPath = "/api/v1/campaigns/syncs/" + SyncId;

    public static readonly object WhoAmI =
        new { tenant_id = "0193a2b4-5c6d-7e8f-9a0b-1c2d3e4f5061", tenant = "demo", role = "admin", key_id = "k3v9x2m8q7t1c5b0" };

    public static readonly object Source = new
    {
        id = "0193a2b4-1111-7b5c-8f4d-6a7b8c9d0e1f",
        name = "users.csv",
        rows = 3,
        columns = new[] { "email", "first_name" },
        expires_at = "2026-11-22T09:30:00Z",
    };

    public static object Sync(
        string state,
        int processed = 0,
        int total = 3,
        int added = 0,
        int existing = 0,
        int invalid = 0,
        int errors = 0,
        string? code = null,
        string? message = null,
        bool dryRun = false,
        string? resumesAt = null) => new
        {
            id = SyncId,
            state,
            code,
            message,
            dry_run = dryRun,
            list_key = "3z-fake-list-key",
            rate = 170,
            source = "users.csv",
            counts = new { total, processed, added, existing, invalid, errors },
            calls = 7,
            contacts_per_minute = 168.4,
            resumes_at = resumesAt,
            created_at = "2025-11-21T09:30:00Z",
            started_at = "2025-11-21T09:30:01Z",
            ended_at = state is "completed" or "cancelled" or "failed" ? "2025-11-21T09:31:03Z" : null,
            unmapped_columns = Array.Empty<string>(),
            a_field_of_a_newer_gateway = true,
        };

    public static object Contact(int position, string outcome, string? message = null, string? email = null) => new
    {
        position,
        email = email ?? $"user{position}@example.com",
        outcome,
        code = message is null ? null : "some_code",
        message,
        at = "2025-11-21T09:30:02Z",
    };

    public static object Connection(
        string id, string fingerprint, string[]? missing = null, string state = "active", string? reason = null, bool broughtAlong = false) => new
        {
            id,
            provider = "zoho",
            owner = "company",
            state,
            state_reason = reason,
            data_centre = "eu",
            api_domain = "https://www.zohoapis.eu",
            features = new[] { "campaigns" },
            account = "owner@example.com",
            serves = new[] { "campaigns" },
            granted_scopes = new[] { "ZohoCampaigns.contact.ALL" },
            missing_scopes = missing ?? [],
            fingerprint,
            brought_along = broughtAlong,
        };
}
