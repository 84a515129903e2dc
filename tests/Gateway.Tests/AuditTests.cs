using System.Net;
using Google.Protobuf.WellKnownTypes;
using ZohoPlatform.Contracts.Audit.V1;
using ZohoPlatform.Gateway.Tests.Hosting;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;

namespace ZohoPlatform.Gateway.Tests;

public sealed class AuditTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    private const string Prefix = "/api/v1/audit";

    private static readonly AuditLogEntry Entry = new()
    {
        Sequence = 7,
        Id = "e7",
        OccurredAt = new DateTimeOffset(2026, 11, 21, 9, 30, 0, TimeSpan.Zero).ToTimestamp(),
        Actor = "service:campaigns",
        Action = "token.handed_out",
        Subject = "c1",
        Details = """{"purpose":"push"}""",
    };

    private const string EntryJson =
        """{"sequence":7,"id":"e7","occurred_at":"2026-11-21T09:30:00Z","actor":"service:campaigns","action":"token.handed_out","subject":"c1","details":{"purpose":"push"}}""";

    private readonly GatewayHost _gateway = shared.Host;

    [Fact]
    public async Task A_page_is_asked_for_with_its_filters()
    {
        ListAuditEntriesRequest? asked = null;
        _gateway.Services.ListAuditEntries = (request, _) =>
        {
            asked = request;
            return new() { Entries = { Entry }, NextPageToken = "7" };
        };
        using var admin = await _gateway.CreateClientOfNewTenantAsync();

        var answer = await admin.GetAsync(
            $"{Prefix}?connection_id=c1&action=token.handed_out&from=2026-11-21T00:00:00Z&to=2026-11-22T00:00:00%2B01:00&page_size=2&page_token=9");

        Assert.Equal($$"""{"entries":[{{EntryJson}}],"next_page_token":"7"}""", answer.Text);
        Assert.Equal(
            new ListAuditEntriesRequest
            {
                Filter = new()
                {
                    Subject = "c1",
                    Action = "token.handed_out",
                    From = new DateTimeOffset(2026, 11, 21, 0, 0, 0, TimeSpan.Zero).ToTimestamp(),
                    To = new DateTimeOffset(2026, 11, 21, 23, 0, 0, TimeSpan.Zero).ToTimestamp(),
                },
                PageSize = 2,
                PageToken = "9",
            },
            asked);
    }

    [Theory]
    [InlineData("?from=yesterday", "from")]
    [InlineData("?to=21.11.2026%20x", "to")]
    [InlineData("?page_size=0", "page_size")]
    [InlineData("?page_size=201", "page_size")]
    [InlineData("/export?from=yesterday", "from")]
    [InlineData("/verify?known_sequence=-1", "known_sequence")]
    public async Task What_is_wrong_in_a_question_is_named(string query, string field)
    {
        using var admin = await _gateway.CreateClientOfNewTenantAsync();

        (await admin.GetAsync(Prefix + query)).AssertProblem(HttpStatusCode.BadRequest, "invalid_field", field);
    }

    [Fact]
    public async Task An_export_is_one_object_per_line()
    {
        _gateway.Services.ExportAuditEntries = (request, _) => Enumerable.Repeat(Entry, request.Filter.Action == "token.handed_out" ? 3000 : 0);
        using var admin = await _gateway.CreateClientOfNewTenantAsync();

        var answer = await admin.GetAsync($"{Prefix}/export?action=token.handed_out");
        var nothing = await admin.GetAsync($"{Prefix}/export");

        Assert.Equal("application/x-ndjson", answer.Header("Content-Type"));
        var lines = answer.Text.Split('\n');
        Assert.Equal((3001, ""), (lines.Length, lines[^1]));
        Assert.All(lines[..^1], line => Assert.Equal(EntryJson, line));
        Assert.Equal((HttpStatusCode.OK, ""), (nothing.Status, nothing.Text));
    }

    [Fact]
    public async Task An_export_that_is_refused_is_a_problem()
    {
        _gateway.Services.ExportAuditEntries = (_, _) => throw Failure.InvalidField("action", "There is no such action.").ToRpcException();
        using var admin = await _gateway.CreateClientOfNewTenantAsync();

        (await admin.GetAsync($"{Prefix}/export?action=x")).AssertProblem(HttpStatusCode.BadRequest, "invalid_field", "action");
    }

    [Fact]
    public async Task An_export_that_breaks_off_does_not_look_complete()
    {
        static IEnumerable<AuditLogEntry> Half()
        {
            yield return Entry;
            throw new Failure(FailureKind.Unavailable, "storage_unavailable", "The database is away.").ToRpcException();
        }

        _gateway.Services.ExportAuditEntries = (_, _) => Half();
        using var admin = await _gateway.CreateClientOfNewTenantAsync();

        await Assert.ThrowsAsync<HttpRequestException>(() => admin.GetAsync($"{Prefix}/export"));
    }

    [Fact]
    public async Task A_verification_says_what_does_not_fit()
    {
        var hash = new string('a', 64);
        _gateway.Services.VerifyAudit = (request, _) => request.Known.Count == 0
            ? new() { Intact = true, Last = new() { Sequence = 9, Hash = hash } }
            : new()
            {
                Last = new() { Sequence = 5, Hash = request.Known[0].Hash },
                Broken = new() { FirstSequence = 6, LastSequence = 8, Code = "entry_changed", Message = "An entry was changed." },
            };
        using var admin = await _gateway.CreateClientOfNewTenantAsync();

        Assert.Equal($$"""{"intact":true,"last_sequence":9,"last_hash":"{{hash}}"}""", (await admin.GetAsync($"{Prefix}/verify")).Text);
        Assert.Equal(
            $$$"""{"intact":false,"last_sequence":5,"last_hash":"{{{hash}}}","broken":{"first_sequence":6,"last_sequence":8,"code":"entry_changed","message":"An entry was changed."}}""",
            (await admin.GetAsync($"{Prefix}/verify?known_sequence=8&known_hash={hash}")).Text);
    }

    [Theory]
    [InlineData("")]
    [InlineData("/export")]
    [InlineData("/verify")]
    public async Task Only_admins_read_it(string path)
    {
        using var operators = await _gateway.CreateClientOfNewTenantAsync("operator");

        Assert.Equal(HttpStatusCode.Forbidden, (await operators.GetAsync(Prefix + path)).Status);
    }
}
