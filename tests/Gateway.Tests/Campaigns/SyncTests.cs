using System.Net;
using Google.Protobuf.WellKnownTypes;
using ZohoPlatform.Contracts.Campaigns.V1;
using ZohoPlatform.Gateway.Tests.Hosting;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.Gateway.Tests.Campaigns;

public sealed class SyncTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    private const string Syncs = "/api/v1/campaigns/syncs";

    private static readonly Timestamp Noon = new DateTimeOffset(2026, 11, 21, 12, 0, 0, TimeSpan.Zero).ToTimestamp();

    /// <summary>Every field set, each to a value of its own.</summary>
    internal static readonly Sync Whole = new()
    {
        Id = "s1",
        State = SyncState.Running,
        Code = "quota_locked",
        Message = "Waits for Zoho.",
        DryRun = true,
        ListKey = "list-1",
        Limit = 5000,
        Rate = 170,
        Mapping = { new FieldMapping { Column = "mail", Field = "Contact Email" } },
        Source = "users.csv",
        Counts = new()
        {
            Total = 100,
            Processed = 36,
            Added = 1,
            Updated = 2,
            Existing = 3,
            Suppressed = 4,
            Invalid = 5,
            Duplicate = 6,
            Errors = 15,
            Filtered = 7,
            ConfirmationSent = 8,
        },
        Calls = 42,
        ContactsPerMinute = 168.5,
        EtaAt = Noon + Duration.FromTimeSpan(TimeSpan.FromMinutes(4)),
        ResumesAt = Noon + Duration.FromTimeSpan(TimeSpan.FromMinutes(3)),
        CreatedAt = Noon,
        StartedAt = Noon + Duration.FromTimeSpan(TimeSpan.FromMinutes(1)),
        EndedAt = Noon + Duration.FromTimeSpan(TimeSpan.FromMinutes(5)),
        UnmappedColumns = { "note" },
        Filters = { new RowFilter { Column = "status", Values = { "yes", "" } } },
        IgnoredColumns = { "opt_in" },
        ConsentColumns = { "subscribed" },
        SendsConfirmations = true,
        ExpiresAt = Noon + Duration.FromTimeSpan(TimeSpan.FromDays(1)),
    };

    internal const string WholeJson =
        """{"id":"s1","state":"running","code":"quota_locked","message":"Waits for Zoho.","dry_run":true,"list_key":"list-1","limit":5000,"rate":170"""
        + ""","source":"users.csv","calls":42,"contacts_per_minute":168.5"""
        + ""","eta_at":"2026-11-21T12:04:00Z","resumes_at":"2026-11-21T12:03:00Z","created_at":"2026-11-21T12:00:00Z"""
        + "\",\"started_at\":\"2026-11-21T12:01:00Z\",\"ended_at\":\"2026-11-21T12:05:00Z\",\"sends_confirmations\":true,\"expires_at\":\"2026-11-22T12:00:00Z\""
        + ""","mapping":[{"column":"mail","field":"Contact Email"}],"counts":{"total":100,"processed":36,"added":1,"updated":2"""
        + ""","existing":3,"suppressed":4,"invalid":5,"duplicate":6,"errors":15,"filtered":7,"confirmation_sent":8},"unmapped_columns":["note"]"""
        + ""","filters":[{"column":"status","values":["yes",""]}],"ignored_columns":["opt_in"],"consent_columns":["subscribed"]}""";

    private readonly GatewayHost _gateway = shared.Host;

    [Fact]
    public async Task A_sync_of_an_upload_is_accepted_with_where_to_look()
    {
        var sent = GivenSyncs();
        var (tenant, key) = await _gateway.CreateTenantAsync("operator");
        using var client = _gateway.CreateClient(key);

        var answer = await client.PostTextAsync(
            Syncs,
            """
            {
              "source": {"upload_id": "u1"}, "list_key": "list-1", "dry_run": true, "limit": 5, "rate": 100,
              "mapping": [{"column": "mail", "field": "Contact Email"}, {"column": "given", "field": "First Name"}],
              "filters": [{"column": "status", "values": ["yes", ""]}], "ignored_columns": ["opt_in"],
              "consent": {"resubscribe": false, "reason": "none needed"}
            }
            """,
            ("Idempotency-Key", "once"));

        Assert.Equal(HttpStatusCode.Accepted, answer.Status);
        Assert.Equal("""{"id":"s1","state":"queued","status_url":"/api/v1/campaigns/syncs/s1"}""", answer.Text);
        Assert.Equal("/api/v1/campaigns/syncs/s1", answer.Header("Location"));
        var (request, caller) = Assert.Single(sent);
        Assert.Equal((tenant, Role.Operator), (caller.Tenant.ToString(), caller.Role));
        Assert.Equal(
            new CreateSyncRequest
            {
                Source = new() { UploadId = "u1" },
                ListKey = "list-1",
                DryRun = true,
                Limit = 5,
                Rate = 100,
                Mapping = { new FieldMapping { Column = "mail", Field = "Contact Email" }, new FieldMapping { Column = "given", Field = "First Name" } },
                Filters = { new RowFilter { Column = "status", Values = { "yes", "" } } },
                IgnoredColumns = { "opt_in" },
                Consent = new() { Resubscribe = false, Reason = "none needed" },
                IdempotencyKey = "once",
            },
            request);
    }

    [Fact]
    public async Task A_sync_of_a_table_carries_where_it_is()
    {
        var sent = GivenSyncs();
        using var admin = await _gateway.CreateClientOfNewTenantAsync();

        await admin.PostTextAsync(
            Syncs,
            """{"source":{"table":{"connection_string":"Host=db","table":"public.users","key_column":"user_id"}},"list_key":"default"}""");
        await admin.PostTextAsync(
            Syncs,
            """{"source":{"table":{"connection_string":"Host=db","query":"SELECT 1"}},"consent":{"resubscribe":true,"reason":"asked by mail"}}""");

        Assert.Equal(
            [
                new CreateSyncRequest
                {
                    Source = new() { Table = new() { ConnectionString = "Host=db", Table = "public.users", KeyColumn = "user_id" } },
                },
                new CreateSyncRequest
                {
                    Source = new() { Table = new() { ConnectionString = "Host=db", Query = "SELECT 1" } },
                    Consent = new() { Resubscribe = true, Reason = "asked by mail" },
                },
            ],
            sent.Select(call => call.Request));
    }

    [Theory]
    [InlineData("""{"source":{"table":{"connection_string":"Host=db","table":"users"}}}""")]
    [InlineData("""{"source":{"upload_id":"u1"},"consent":{"resubscribe":true,"reason":"asked by mail"}}""")]
    public async Task A_table_and_an_overruled_consent_are_for_admins(string body)
    {
        var sent = GivenSyncs();
        using var operators = await _gateway.CreateClientOfNewTenantAsync("operator");

        (await operators.PostTextAsync(Syncs, body)).AssertProblem(HttpStatusCode.Forbidden, "role_missing");

        Assert.Empty(sent);
    }

    [Theory]
    [InlineData("{}", "source")]
    [InlineData("""{"source":{}}""", "source")]
    [InlineData("""{"source":{"upload_id":""}}""", "source")]
    [InlineData("""{"source":{"upload_id":"u1","table":{"connection_string":"Host=db","table":"users"}}}""", "source")]
    [InlineData("""{"source":{"table":{"connection_string":"Host=db"}}}""", "source.table")]
    [InlineData("""{"source":{"table":{"connection_string":"Host=db","table":"users","query":"SELECT 1"}}}""", "source.table")]
    [InlineData("""{"source":{"upload_id":"u1"},"limit":0}""", "limit")]
    [InlineData("""{"source":{"upload_id":"u1"},"limit":"5"}""", "limit")]
    [InlineData("""{"source":{"upload_id":"u1"},"rate":0}""", "rate")]
    [InlineData("""{"source":{"upload_id":"u1"},"rate":-1}""", "rate")]
    [InlineData("""{"source":{"upload_id":"u1"},"dry_run":"yes"}""", "dry_run")]
    [InlineData("""{"source":{"upload_id":"u1"},"mapping":{"mail":"Contact Email"}}""", "mapping")]
    public async Task A_sync_that_cannot_be_made_names_the_field(string body, string field)
    {
        var sent = GivenSyncs();
        using var admin = await _gateway.CreateClientOfNewTenantAsync();

        (await admin.PostTextAsync(Syncs, body))
            .AssertProblem(HttpStatusCode.BadRequest, body is "{}" ? "missing_field" : "invalid_field", field);

        Assert.Empty(sent);
    }

    [Fact]
    public async Task What_the_service_refuses_is_named_and_not_echoed()
    {
        const string field = "source.table.connection_string";
        _gateway.Services.Campaigns.CreateSync = (_, _) => throw Failure.InvalidField(field, "It cannot be used.").ToRpcException();
        using var admin = await _gateway.CreateClientOfNewTenantAsync();

        var answer = await admin.PostTextAsync(
            Syncs, """{"source":{"table":{"connection_string":"Host=db;Password=fake-password","table":"users"}},"mapping":[]}""");

        answer.AssertProblem(HttpStatusCode.BadRequest, "invalid_field", field);
        Assert.DoesNotContain("fake-password", answer.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(_gateway.Logs.Lines, line => line.Contains("fake-password", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_repeated_request_makes_one_sync()
    {
        var sent = GivenSyncs();
        using var client = await _gateway.CreateClientOfNewTenantAsync("operator");
        const string body = """{"source":{"upload_id":"u1"}}""";

        var first = await client.PostTextAsync(Syncs, body, ("Idempotency-Key", "once"));
        var second = await client.PostTextAsync(Syncs, body, ("Idempotency-Key", "once"));

        Assert.Single(sent);
        Assert.Equal(first.Text, second.Text);
        Assert.Equal("true", second.Header("Idempotency-Replayed"));
    }

    [Fact]
    public async Task A_sync_tells_all_about_itself()
    {
        _gateway.Services.Campaigns.OneSync = (_, _) => Whole;
        using var client = await _gateway.CreateClientOfNewTenantAsync("viewer");

        Assert.Equal(WholeJson, (await client.GetAsync($"{Syncs}/s1")).Text);
    }

    [Fact]
    public async Task What_a_sync_has_nothing_to_say_about_is_absent()
    {
        _gateway.Services.Campaigns.OneSync = (_, id) => new() { Id = id, State = SyncState.Queued };
        using var client = await _gateway.CreateClientOfNewTenantAsync("viewer");

        Assert.Equal(
            """{"id":"s1","state":"queued","dry_run":false,"list_key":"","rate":0,"source":"","calls":0,"contacts_per_minute":0,"sends_confirmations":false,"mapping":[]"""
            + ""","counts":{"total":0,"processed":0,"added":0,"updated":0,"existing":0,"suppressed":0,"invalid":0,"duplicate":0,"errors":0"""
            + ""","filtered":0,"confirmation_sent":0}"""
            + ""","unmapped_columns":[],"filters":[],"ignored_columns":[],"consent_columns":[]}""",
            (await client.GetAsync($"{Syncs}/s1")).Text);
    }

    [Fact]
    public async Task Syncs_are_listed_page_by_page()
    {
        ListSyncsRequest? asked = null;
        _gateway.Services.Campaigns.ListSyncs = request =>
        {
            asked = request;
            return new() { Syncs = { Whole }, NextPageToken = "more", Total = 12 };
        };
        using var client = await _gateway.CreateClientOfNewTenantAsync("viewer");

        var answer = await client.GetAsync(
            $"{Syncs}?state=paused&source=users&created_by=key%3Aabc&order_by=created_at%20asc&page_size=7&page_token=here");

        Assert.Equal(
            new ListSyncsRequest
            {
                State = SyncState.Paused,
                Source = "users",
                CreatedBy = "key:abc",
                OrderBy = "created_at asc",
                PageSize = 7,
                PageToken = "here",
            },
            asked);
        Assert.Equal($$"""{"syncs":[{{WholeJson}}],"next_page_token":"more","total":12}""", answer.Text);
    }

    [Theory]
    [InlineData("pause", "PauseSync")]
    [InlineData("resume", "ResumeSync")]
    [InlineData("cancel", "CancelSync")]
    public async Task A_sync_is_changed_by_operators(string path, string method)
    {
        var asked = new List<(string, string)>();
        _gateway.Services.Campaigns.OneSync = (called, id) =>
        {
            asked.Add((called, id));
            return Whole;
        };
        using var operators = await _gateway.CreateClientOfNewTenantAsync("operator");
        using var viewer = await _gateway.CreateClientOfNewTenantAsync("viewer");

        var answer = await operators.PostAsync($"{Syncs}/s1/{path}");
        (await viewer.PostAsync($"{Syncs}/s1/{path}")).AssertProblem(HttpStatusCode.Forbidden, "role_missing");

        Assert.Equal((HttpStatusCode.OK, WholeJson), (answer.Status, answer.Text));
        Assert.Equal([(method, "s1")], asked);
    }

    [Fact]
    public async Task A_sync_is_deleted_by_admins_once_and_only_when_it_has_ended()
    {
        var deleted = new List<string>();
        _gateway.Services.Campaigns.DeleteSync = id =>
        {
            if (deleted.Contains(id, StringComparer.Ordinal))
            {
                throw new Failure(FailureKind.NotFound, "sync_not_found", "There is no such sync.").ToRpcException();
            }

            if (id is "running")
            {
                throw new Failure(FailureKind.Conflict, "sync_not_ended", "The sync has not ended.").ToRpcException();
            }

            deleted.Add(id);
        };
        using var admin = await _gateway.CreateClientOfNewTenantAsync("admin");
        using var operators = await _gateway.CreateClientOfNewTenantAsync("operator");

        (await operators.DeleteAsync($"{Syncs}/s1")).AssertProblem(HttpStatusCode.Forbidden, "role_missing");
        Assert.Equal(HttpStatusCode.NoContent, (await admin.DeleteAsync($"{Syncs}/s1")).Status);
        (await admin.DeleteAsync($"{Syncs}/s1")).AssertProblem(HttpStatusCode.NotFound, "sync_not_found");
        (await admin.DeleteAsync($"{Syncs}/running")).AssertProblem(HttpStatusCode.Conflict, "sync_not_ended");
        Assert.Equal(["s1"], deleted);
    }

    [Fact]
    public async Task A_sync_in_the_wrong_state_is_a_conflict_and_an_unknown_one_not_found()
    {
        _gateway.Services.Campaigns.OneSync = (method, _) => throw (method == "GetSync"
            ? new Failure(FailureKind.NotFound, "sync_not_found", "There is no such sync.")
            : new Failure(FailureKind.Conflict, "sync_ended", "The sync has ended.")).ToRpcException();
        using var client = await _gateway.CreateClientOfNewTenantAsync("operator");

        (await client.GetAsync($"{Syncs}/s1")).AssertProblem(HttpStatusCode.NotFound, "sync_not_found");
        (await client.PostAsync($"{Syncs}/s1/pause")).AssertProblem(HttpStatusCode.Conflict, "sync_ended");
    }

    [Fact]
    public async Task Viewers_start_nothing()
    {
        using var viewer = await _gateway.CreateClientOfNewTenantAsync("viewer");

        (await viewer.PostTextAsync(Syncs, """{"source":{"upload_id":"u1"}}""")).AssertProblem(HttpStatusCode.Forbidden, "role_missing");
    }

    private List<(CreateSyncRequest Request, Caller Caller)> GivenSyncs()
    {
        var sent = new List<(CreateSyncRequest, Caller)>();
        _gateway.Services.Campaigns.CreateSync = (request, caller) =>
        {
            sent.Add((request, caller));
            return new() { Id = "s1", State = SyncState.Queued };
        };
        return sent;
    }
}
