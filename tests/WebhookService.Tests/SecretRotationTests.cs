using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ZohoPlatform.Contracts.Webhooks.V1;
using ZohoPlatform.ServiceDefaults.Identity;

namespace ZohoPlatform.WebhookService.Tests;

public sealed class SecretRotationTests : IAsyncLifetime
{
    private readonly Receiver _receiver = new();
    private WebhooksWorld _world = null!;

    public async Task InitializeAsync()
    {
        _world = await WebhooksWorld.PrepareAsync();
        await _world.StartHostAsync();
        await _receiver.StartAsync();
    }

    public async Task DisposeAsync()
    {
        await _world.DisposeAsync();
        await _receiver.DisposeAsync();
    }

    [Fact]
    public async Task During_the_overlap_both_secrets_sign_and_afterwards_the_new_one_alone()
    {
        var created = await CreateAsync();
        var (webhook, old) = (created.Webhook.Id, created.Secret);
        Assert.Equal([true], await SignedByAsync(webhook, old));

        var rotated = await RotateAsync(webhook, overlap: 3600);

        Assert.NotEqual(old, rotated.Secret);
        Assert.Equal(_world.Clock.GetUtcNow().AddHours(1), rotated.Webhook.PreviousSecretEndsAt.ToDateTimeOffset());
        Assert.Equal([true, true], await SignedByAsync(webhook, rotated.Secret, old));
        _world.Clock.Advance(TimeSpan.FromSeconds(3599));
        Assert.Equal([true, true], await SignedByAsync(webhook, rotated.Secret, old));

        _world.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal([true, false], await SignedByAsync(webhook, rotated.Secret, old));
        Assert.DoesNotContain(' ', _receiver.Requests[^1].Header("webhook-signature"));
        Assert.Null(Assert.Single((await _world.Host.Webhooks.ListWebhooksAsync(new(), _world.Admin)).Webhooks).PreviousSecretEndsAt);

        // it lies there no longer than until somebody comes by
        await _world.RaiseAsync(_world.NewEvent("connection.budget_half"));
        Assert.Equal(1L, await _world.SqlAsync("SELECT count(*) FROM webhooks WHERE previous_secret_sealed IS NULL"));
    }

    [Fact]
    public async Task Without_an_overlap_the_old_secret_ends_at_once()
    {
        var created = await CreateAsync();

        var rotated = await RotateAsync(created.Webhook.Id, overlap: 0);

        Assert.Null(rotated.Webhook.PreviousSecretEndsAt);
        Assert.Equal([true, false], await SignedByAsync(created.Webhook.Id, rotated.Secret, created.Secret));
    }

    [Fact]
    public async Task Of_two_rotations_in_a_row_the_first_secret_ends_with_the_second()
    {
        var created = await CreateAsync();
        var second = await RotateAsync(created.Webhook.Id);
        Assert.Equal(_world.Clock.GetUtcNow().AddDays(1), second.Webhook.PreviousSecretEndsAt.ToDateTimeOffset());

        var third = await RotateAsync(created.Webhook.Id);

        Assert.Equal([true, true, false], await SignedByAsync(created.Webhook.Id, third.Secret, second.Secret, created.Secret));
    }

    [Fact]
    public async Task Of_many_rotations_at_once_each_gets_a_secret_and_the_last_two_sign()
    {
        var created = await CreateAsync();

        var secrets = (await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => RotateAsync(created.Webhook.Id)))).Select(one => one.Secret).ToArray();

        Assert.Equal(6, secrets.Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(2, (await SignedByAsync(created.Webhook.Id, secrets)).Count(signed => signed));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(7 * 24 * 3600 + 1)]
    public async Task An_overlap_has_its_limits(int seconds)
    {
        var created = await CreateAsync();

        await WebhooksWorld.RefusedAsync("invalid_field", () => RotateAsync(created.Webhook.Id, seconds));

        Assert.Equal([true], await SignedByAsync(created.Webhook.Id, created.Secret));
    }

    [Fact]
    public async Task Only_an_admin_of_its_tenant_gets_a_new_secret()
    {
        var created = await CreateAsync();
        var request = new RotateSecretRequest { Id = created.Webhook.Id };

        await WebhooksWorld.RefusedAsync("webhook_not_found", async () => await _world.Host.Webhooks.RotateSecretAsync(
            request, _world.Host.TicketOf(_world.OtherTenant, Role.Admin)));
        await WebhooksWorld.RefusedAsync("role_missing", async () => await _world.Host.Webhooks.RotateSecretAsync(
            request, _world.Host.TicketOf(_world.Tenant, Role.Operator)));

        Assert.Equal([true], await SignedByAsync(created.Webhook.Id, created.Secret));
    }

    private async Task<CreateWebhookResponse> CreateAsync() =>
        await _world.Host.Webhooks.CreateWebhookAsync(new() { Url = _receiver.Url }, _world.Admin);

    private async Task<RotateSecretResponse> RotateAsync(string webhook, int? overlap = null)
    {
        var request = new RotateSecretRequest { Id = webhook };
        if (overlap is { } seconds)
        {
            request.OverlapSeconds = seconds;
        }

        return await _world.Host.Webhooks.RotateSecretAsync(request, _world.Admin);
    }

    /// <summary>Sends a test, and says of each secret whether a receiver that has it alone would take it.</summary>
    private async Task<IReadOnlyList<bool>> SignedByAsync(string webhook, params string[] secrets)
    {
        await _world.Host.Webhooks.TestWebhookAsync(new() { Id = webhook }, _world.Admin);
        var received = _receiver.Requests[^1];
        var content = string.Create(
            CultureInfo.InvariantCulture, $"{received.Header("webhook-id")}.{received.Header("webhook-timestamp")}.{received.Body}");
        var signatures = received.Header("webhook-signature").Split(' ');
        Assert.Distinct(signatures);
        return [.. secrets.Select(secret => signatures.Contains("v1," + Convert.ToBase64String(
            HMACSHA256.HashData(Convert.FromBase64String(secret["whsec_".Length..]), Encoding.UTF8.GetBytes(content)))))];
    }
}
