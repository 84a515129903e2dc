using Google.Protobuf;
using Grpc.Core;
using ZohoPlatform.Contracts.Campaigns.V1;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.Testing;
using Wire = ZohoPlatform.Contracts.Campaigns.V1;

namespace ZohoPlatform.CampaignsService.Tests.Syncs;

/// <summary>What one tenant does with syncs.</summary>
internal sealed class Syncing(CampaignsHost host, TenantId tenant)
{
    public static string Csv(params IEnumerable<string> emails) => string.Join('\n', ["email", .. emails]) + "\n";

    public static IEnumerable<string> Users(int count, string prefix = "user") =>
        Enumerable.Range(1, count).Select(i => $"{prefix}{i}@example.com");

    public Task<UploadedSource> UploadAsync(string csv) => UploadAsync(System.Text.Encoding.UTF8.GetBytes(csv));

    public async Task<UploadedSource> UploadAsync(
        byte[] file, UploadHeader.Types.Format format = UploadHeader.Types.Format.Csv, int chunk = 64 * 1024, Role role = Role.Operator)
    {
        using var call = host.Syncs.UploadSource(host.TicketOf(tenant, role));
        try
        {
            await SendAsync(call, new() { Header = new UploadHeader { Format = format, Name = "users.csv" } });
            for (var at = 0; at < file.Length; at += chunk)
            {
                await SendAsync(call, new() { Chunk = ByteString.CopyFrom(file, at, Math.Min(chunk, file.Length - at)) });
            }

            await call.RequestStream.CompleteAsync();
        }
        catch (Exception e) when (e is RpcException or InvalidOperationException)
        {
            // it was answered before all of it was sent: the answer says why
        }

        return await call.ResponseAsync;
    }

    /// <summary>Sends one message. A write that is under way when the service refuses may never end: the answer ends the wait for it.</summary>
    public static async Task SendAsync(AsyncClientStreamingCall<UploadSourceRequest, UploadedSource> call, UploadSourceRequest message) =>
        await await Task.WhenAny(call.RequestStream.WriteAsync(message), call.ResponseAsync);

    public async Task<Wire.Sync> CreateAsync(CreateSyncRequest request, Role role = Role.Admin) =>
        await host.Syncs.CreateSyncAsync(request, host.TicketOf(tenant, role));

    /// <summary>A sync of these addresses and nothing else, as fast as is allowed.</summary>
    public async Task<Wire.Sync> CreateAsync(IEnumerable<string> emails, int rate = 2_000, bool dryRun = false)
    {
        var upload = await UploadAsync(Csv(emails));
        return await CreateAsync(new CreateSyncRequest { Source = new SyncSource { UploadId = upload.Id }, Rate = rate, DryRun = dryRun });
    }

    public async Task<Wire.Sync> GetAsync(string id) =>
        await host.Syncs.GetSyncAsync(new GetSyncRequest { Id = id }, host.TicketOf(tenant, Role.Viewer));

    /// <summary>The sync once it is in this state.</summary>
    public async Task<Wire.Sync> EventuallyAsync(Wire.Sync sync, SyncState state)
    {
        var reached = await Eventually.GetAsync(() => GetAsync(sync.Id), now => now.State == state || now.Code is "sync_broken");
        Assert.True(
            reached.State == state, string.Join('\n', host.Log.Lines.Where(line => line.StartsWith("Error", StringComparison.Ordinal))));
        return reached;
    }

    public async Task<Wire.Sync> PauseAsync(Wire.Sync sync) =>
        await host.Syncs.PauseSyncAsync(new PauseSyncRequest { Id = sync.Id }, host.TicketOf(tenant, Role.Operator));

    public async Task<Wire.Sync> ResumeAsync(Wire.Sync sync) =>
        await host.Syncs.ResumeSyncAsync(new ResumeSyncRequest { Id = sync.Id }, host.TicketOf(tenant, Role.Operator));

    public async Task<Wire.Sync> CancelAsync(Wire.Sync sync) =>
        await host.Syncs.CancelSyncAsync(new CancelSyncRequest { Id = sync.Id }, host.TicketOf(tenant, Role.Operator));

    public async Task DeleteAsync(Wire.Sync sync, Role role = Role.Admin) =>
        await host.Syncs.DeleteSyncAsync(new DeleteSyncRequest { Id = sync.Id }, host.TicketOf(tenant, role));

    /// <summary>The whole ledger.</summary>
    public async Task<IReadOnlyList<SyncContact>> LedgerAsync(Wire.Sync sync)
    {
        var contacts = new List<SyncContact>();
        using var call = host.Syncs.ExportSyncContacts(new ExportSyncContactsRequest { Id = sync.Id }, host.TicketOf(tenant, Role.Viewer));
        while (await call.ResponseStream.MoveNext(default))
        {
            contacts.Add(call.ResponseStream.Current);
        }

        return contacts;
    }
}
