using Google.Protobuf;
using Npgsql;
using ZohoPlatform.CampaignsService.Tests.Syncs;
using ZohoPlatform.Contracts.Campaigns.V1;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Testing;

namespace ZohoPlatform.CampaignsService.Tests;

public sealed class HeldConnectionTests(Zoho zoho) : IClassFixture<Zoho>
{
    // the one that listens to the database's signals
    private const int Listening = 1;

    [Fact]
    public async Task While_zoho_and_a_client_keep_it_waiting_it_keeps_no_connection_from_others()
    {
        await using var campaigns = await Campaigns.StartAsync(zoho);
        var tenant = await campaigns.TenantAsync();
        var syncing = new Syncing(campaigns.Host, tenant.Id);
        using var use = new DatabaseUse(new NpgsqlConnectionStringBuilder(campaigns.Database).Database!);
        var pushes = await zoho.DisturbAsync("hang");
        var bulk = await zoho.DisturbAsync("hang", path: "*addlistsubscribersinbulk");

        foreach (var i in Enumerable.Range(0, 4))
        {
            await tenant.SubmitAsync($"user{i}@example.com");
        }

        await zoho.MetAsync(pushes, 4);
        await syncing.CreateAsync(["ada@example.com"]);
        await zoho.MetAsync(bulk, 1);
        using var upload = campaigns.Host.Syncs.UploadSource(campaigns.Host.TicketOf(tenant.Id, Role.Operator));
        await upload.RequestStream.WriteAsync(
            new UploadSourceRequest { Header = new UploadHeader { Format = UploadHeader.Types.Format.Csv } });
        // more than is written at once, and then silence
        await upload.RequestStream.WriteAsync(
            new UploadSourceRequest { Chunk = ByteString.CopyFromUtf8(Syncing.Csv(Syncing.Users(1_500))) });
        await using var look = NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder(campaigns.Database) { Pooling = false }.ConnectionString);
        await using var written = look.CreateCommand("SELECT count(*) FROM sync_upload_packs");
        await Eventually.GetAsync(async () => (long)(await written.ExecuteScalarAsync())!, rows => rows > 1);

        // what a moment needs comes and goes
        await Eventually.GetAsync(() => Task.FromResult(use.UsedConnections), used => used == Listening);

        await zoho.ReleaseAsync(pushes);
        await zoho.ReleaseAsync(bulk);
    }
}
