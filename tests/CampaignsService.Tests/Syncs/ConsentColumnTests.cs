using ZohoPlatform.Contracts.Campaigns.V1;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.Testing;
using Outcome = ZohoPlatform.Contracts.Campaigns.V1.SyncContactOutcome;
using RowFilter = ZohoPlatform.Contracts.Campaigns.V1.RowFilter;

namespace ZohoPlatform.CampaignsService.Tests.Syncs;

/// <summary>Columns that say who may be written to: nobody is written to past them by mistake.</summary>
public sealed class ConsentColumnTests(Zoho zoho) : IClassFixture<Zoho>, IAsyncLifetime
{
    private const string Csv =
        "email,Accepts Marketing,Country\nada@example.com,Yes,UK\ngrace@example.com,no,US\nalan@example.com,,UK\nada@example.com,no,UK\n"
        + "nobody,no,UK\nmary@example.com, YES ,FR\n";

    private Campaigns _campaigns = null!;
    private Syncing _syncing = null!;

    public async Task InitializeAsync()
    {
        _campaigns = await Campaigns.StartAsync(zoho);
        _syncing = new Syncing(_campaigns.Host, (await _campaigns.TenantAsync()).Id);
    }

    public async Task DisposeAsync() => await _campaigns.DisposeAsync();

    [Fact]
    public async Task A_column_that_looks_like_consent_is_a_finding_of_a_dry_run_that_a_real_one_refuses()
    {
        var request = await RequestAsync();
        request.DryRun = true;
        var tried = await _syncing.EventuallyAsync(await _syncing.CreateAsync(request), SyncState.Completed);
        Assert.Equal(["Accepts Marketing"], tried.ConsentColumns);

        request.DryRun = false;
        var refusal = await Refused.ByAsync(() => _syncing.CreateAsync(request));

        Assert.Equal((FailureKind.Invalid, "consent_column_open", "filters"), (refusal.Kind, refusal.Code, refusal.Field));
        Assert.Contains("Accepts Marketing", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(0, await zoho.CountAsync());
    }

    [Fact]
    public async Task A_filter_answers_and_leaves_out_who_did_not_consent()
    {
        var request = await RequestAsync();
        request.Filters.Add(new RowFilter { Column = "Accepts Marketing", Values = { "yes" } });

        var done = await _syncing.EventuallyAsync(await _syncing.CreateAsync(request), SyncState.Completed);

        Assert.Equal((6, 6, 2, 4), (done.Counts.Total, done.Counts.Processed, done.Counts.Added, done.Counts.Filtered));
        Assert.Equal(request.Filters, done.Filters);
        Assert.Empty(done.ConsentColumns);
        var ledger = await _syncing.LedgerAsync(done);
        Assert.Equal(
            [Outcome.Added, Outcome.Filtered, Outcome.Filtered, Outcome.Filtered, Outcome.Filtered, Outcome.Added],
            ledger.Select(contact => contact.Outcome));
        Assert.All(ledger.Where(contact => contact.Outcome is Outcome.Filtered), contact => Assert.Equal("filtered", contact.Code));
        Assert.Equal(2, await zoho.CountAsync());
    }

    [Fact]
    public async Task All_filters_must_take_a_row_and_an_empty_value_takes_one_without()
    {
        var request = await RequestAsync();
        request.DryRun = true;
        request.Filters.Add(new RowFilter { Column = "Accepts Marketing", Values = { "yes", "" } });
        request.Filters.Add(new RowFilter { Column = "Country", Values = { "uk" } });

        var done = await _syncing.EventuallyAsync(await _syncing.CreateAsync(request), SyncState.Completed);

        Assert.Equal(
            ["ada@example.com", "alan@example.com"],
            (await _syncing.LedgerAsync(done)).Where(contact => contact.Outcome is Outcome.Added).Select(contact => contact.Email));
    }

    [Fact]
    public async Task What_does_not_matter_is_said_and_kept()
    {
        var request = await RequestAsync();
        request.IgnoredColumns.Add("Accepts Marketing");

        var done = await _syncing.EventuallyAsync(await _syncing.CreateAsync(request), SyncState.Completed);

        Assert.Equal(["Accepts Marketing"], done.IgnoredColumns);
        Assert.Equal((4, 1, 1, 0), (done.Counts.Added, done.Counts.Duplicate, done.Counts.Invalid, done.Counts.Filtered));
    }

    [Fact]
    public async Task A_filter_or_an_ignored_column_that_is_not_there_is_named()
    {
        var filtered = await RequestAsync();
        filtered.Filters.Add(new RowFilter { Column = "accepts", Values = { "yes" } });
        var open = await RequestAsync();
        open.Filters.Add(new RowFilter { Column = "Accepts Marketing" });
        var ignoring = await RequestAsync();
        ignoring.IgnoredColumns.Add("accepts");

        Assert.Equal("filters", (await Refused.ByAsync(() => _syncing.CreateAsync(filtered))).Field);
        Assert.Equal("filters", (await Refused.ByAsync(() => _syncing.CreateAsync(open))).Field);
        Assert.Equal("ignored_columns", (await Refused.ByAsync(() => _syncing.CreateAsync(ignoring))).Field);
    }

    private async Task<CreateSyncRequest> RequestAsync() => new()
    {
        Source = new SyncSource { UploadId = (await _syncing.UploadAsync(Csv)).Id },
        Mapping = { new FieldMapping { Column = "email", Field = "Contact Email" } },
        Rate = 2_000,
    };
}
