using System.Net;
using Google.Protobuf.WellKnownTypes;
using ZohoPlatform.Contracts.Campaigns.V1;
using ZohoPlatform.Gateway.Tests.Hosting;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;

namespace ZohoPlatform.Gateway.Tests.Campaigns;

public sealed class SyncLedgerTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    private const string Ledger = "/api/v1/campaigns/syncs/s1/contacts";
    private const string HeaderLine = "\"position\",\"email\",\"outcome\",\"code\",\"message\",\"decided_at\"\r\n";

    private static readonly Timestamp Noon = new DateTimeOffset(2026, 11, 21, 12, 0, 0, TimeSpan.Zero).ToTimestamp();

    private static readonly SyncContact Suppressed = new()
    {
        Position = 7,
        Email = "ada@example.com",
        Outcome = SyncContactOutcome.Suppressed,
        Code = "unsubscribed",
        Message = "Has unsubscribed.",
        DecidedAt = Noon,
    };

    private readonly GatewayHost _gateway = shared.Host;

    [Fact]
    public async Task A_page_holds_what_became_of_each_contact()
    {
        ListSyncContactsRequest? asked = null;
        _gateway.Services.Campaigns.ListSyncContacts = request =>
        {
            asked = request;
            return new()
            {
                Contacts = { Suppressed, new SyncContact { Position = 8, Email = "bob@example.com", Outcome = SyncContactOutcome.Pending } },
                NextPageToken = "more",
            };
        };
        using var client = await _gateway.CreateClientOfNewTenantAsync("viewer");

        var answer = await client.GetAsync($"{Ledger}?outcome=suppressed&page_size=1000&page_token=here");

        Assert.Equal(
            new ListSyncContactsRequest { Id = "s1", Outcome = SyncContactOutcome.Suppressed, PageSize = 1000, PageToken = "here" }, asked);
        Assert.Equal(
            """{"contacts":[{"position":7"""
            + ""","email":"ada@example.com","outcome":"suppressed","code":"unsubscribed","message":"Has unsubscribed.","decided_at":"2026-11-21T12:00:00Z"}"""
            + """,{"position":8,"email":"bob@example.com","outcome":"pending"}],"next_page_token":"more"}""",
            answer.Text);
    }

    [Theory]
    [InlineData("?outcome=lost", "outcome")]
    [InlineData("?outcome=unspecified", "outcome")]
    [InlineData("?page_size=1001", "page_size")]
    [InlineData(".csv?outcome=lost", "outcome")]
    public async Task A_wrong_query_names_its_parameter(string query, string field)
    {
        using var client = await _gateway.CreateClientOfNewTenantAsync("viewer");

        (await client.GetAsync(Ledger + query)).AssertProblem(HttpStatusCode.BadRequest, "invalid_field", field);
    }

    [Fact]
    public async Task The_whole_ledger_is_a_file_of_csv()
    {
        _gateway.Services.Campaigns.ExportSyncContacts = id => id == "s1" ? [Suppressed] : throw new InvalidOperationException(id);
        using var client = await _gateway.CreateClientOfNewTenantAsync("viewer");

        var answer = await client.GetAsync($"{Ledger}.csv");

        Assert.Equal("text/csv; charset=utf-8", answer.Header("Content-Type"));
        Assert.StartsWith("attachment; filename=sync-s1.csv", answer.Header("Content-Disposition"), StringComparison.Ordinal);
        Assert.Equal(
            HeaderLine + "\"7\",\"ada@example.com\",\"suppressed\",\"unsubscribed\",\"Has unsubscribed.\",\"2026-11-21T12:00:00Z\"\r\n", answer.Text);
    }

    [Theory]
    [InlineData("=HYPERLINK(\"http://x\")", "'=HYPERLINK(\"\"http://x\"\")")]
    [InlineData("+49@example.com", "'+49@example.com")]
    // one more is taken away again by the import
    [InlineData("'=1+1", "''=1+1")]
    [InlineData("a;'=1+1", "a;''=1+1")]
    [InlineData("'\ta", "''\ta")]
    [InlineData("O'Neill", "O'Neill")]
    [InlineData("-1+1@example.com", "'-1+1@example.com")]
    [InlineData("@SUM(A1)", "'@SUM(A1)")]
    [InlineData("\t=1+1", "'\t'=1+1")]
    [InlineData("\r=1+1", "'\r'=1+1")]
    [InlineData("\n=1+1", "'\n'=1+1")]
    [InlineData("\ta", "'\ta")]
    [InlineData("\uFF1D1+1", "'\uFF1D1+1")]
    [InlineData("\uFF0B1", "'\uFF0B1")]
    [InlineData("\uFF0D1", "'\uFF0D1")]
    [InlineData("\uFF20SUM(A1)", "'\uFF20SUM(A1)")]
    [InlineData("\u22121", "'\u22121")]
    [InlineData("\uFE661", "'\uFE661")]
    [InlineData("\u200B=1+1", "'\u200B=1+1")]
    [InlineData("\uFEFF=1+1", "'\uFEFF=1+1")]
    [InlineData("\uFEFFa", "'\uFEFFa")]
    [InlineData("\u0001=1+1", "'\u0001=1+1")]
    [InlineData(" =1+1", "' =1+1")]
    [InlineData("\u00A0=1+1", "'\u00A0=1+1")]
    [InlineData("\"=1+1", "'\"\"=1+1")]
    [InlineData("a;=1+1", "a;'=1+1")]
    [InlineData("a; \u200B\uFF1D1", "a;' \u200B\uFF1D1")]
    [InlineData("a\t=1+1", "a\t'=1+1")]
    [InlineData("a\n=1+1", "a\n'=1+1")]
    [InlineData("a;\"=1+1;\"", "a;'\"\"=1+1;\"\"")]
    [InlineData(";;=1", ";;'=1")]
    [InlineData("a;b", "a;b")]
    [InlineData("a,b", "a,b")]
    [InlineData("a\nb", "a\nb")]
    [InlineData("say \"hi\"", "say \"\"hi\"\"")]
    [InlineData("a=b+c", "a=b+c")]
    [InlineData("🦜=x", "🦜=x")]
    [InlineData("älan@exämple.com", "älan@exämple.com")]
    [InlineData("", "")]
    public async Task A_cell_is_text_to_a_spreadsheet_whatever_is_in_it(string email, string cell)
    {
        _gateway.Services.Campaigns.ExportSyncContacts = _ => [new() { Position = 1, Email = email, Outcome = SyncContactOutcome.Invalid }];
        using var client = await _gateway.CreateClientOfNewTenantAsync("viewer");

        Assert.Equal($"{HeaderLine}\"1\",\"{cell}\",\"invalid\",\"\",\"\",\"\"\r\n", (await client.GetAsync($"{Ledger}.csv")).Text);
    }

    [Theory]
    [InlineData("text/csv", true)]
    [InlineData("text/csv, application/json;q=0.5", true)]
    [InlineData("application/json, text/csv;q=0.5", false)]
    [InlineData("application/json", false)]
    [InlineData("*/*", false)]
    [InlineData("text/html, */*", false)]
    public async Task Csv_is_answered_to_who_asks_for_it(string accept, bool csv)
    {
        _gateway.Services.Campaigns.ExportSyncContacts = _ => [];
        _gateway.Services.Campaigns.ListSyncContacts = _ => new();
        using var client = await _gateway.CreateClientOfNewTenantAsync("viewer");

        var answer = await client.GetAsync(Ledger, ("Accept", accept));

        Assert.Equal(csv ? HeaderLine : """{"contacts":[]}""", answer.Text);
    }

    [Fact]
    public async Task A_long_ledger_is_whole_and_can_be_asked_for_by_outcome()
    {
        _gateway.Services.Campaigns.ExportSyncContacts = _ => Enumerable.Range(1, 5000).Select(position => new SyncContact
        {
            Position = position,
            Email = $"user{position}@example.com",
            Outcome = position % 1000 == 0 ? SyncContactOutcome.Error : SyncContactOutcome.Added,
        });
        using var client = await _gateway.CreateClientOfNewTenantAsync("viewer");

        var all = (await client.GetAsync($"{Ledger}.csv")).Text.Split("\r\n");
        var errors = (await client.GetAsync($"{Ledger}.csv?outcome=error")).Text.Split("\r\n");

        Assert.Equal((5002, ""), (all.Length, all[^1]));
        Assert.StartsWith("\"5000\",\"user5000@example.com\",\"error\",", all[^2], StringComparison.Ordinal);
        Assert.Equal(7, errors.Length);
    }

    [Fact]
    public async Task A_ledger_that_is_refused_is_a_problem()
    {
        _gateway.Services.Campaigns.ExportSyncContacts = _ =>
            throw new Failure(FailureKind.NotFound, "sync_not_found", "There is no such sync.").ToRpcException();
        using var client = await _gateway.CreateClientOfNewTenantAsync("viewer");

        (await client.GetAsync($"{Ledger}.csv")).AssertProblem(HttpStatusCode.NotFound, "sync_not_found");
    }

    [Fact]
    public async Task A_ledger_that_breaks_off_does_not_look_complete()
    {
        static IEnumerable<SyncContact> Half()
        {
            yield return Suppressed;
            throw new Failure(FailureKind.Unavailable, "storage_unavailable", "The database is away.").ToRpcException();
        }

        _gateway.Services.Campaigns.ExportSyncContacts = _ => Half();
        using var client = await _gateway.CreateClientOfNewTenantAsync("viewer");

        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync($"{Ledger}.csv"));
    }
}
