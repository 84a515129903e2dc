namespace ZohoPlatform.Platform.Tests;

public sealed class OutageTests : IDisposable
{
    private readonly StateFolder _state = new();

    public void Dispose() => _state.Dispose();

    [Fact]
    public async Task A_registration_during_an_outage_is_kept_over_a_restart_of_everything_and_pushed_when_zoho_is_back()
    {
        string status;
        await using (var platform = await Platform.LaunchAsync(_state.Path))
        {
            await platform.PutProviderAsync("unavailable");
            status = await platform.RegisterAsync(new { email = "ada@example.com" });

            var waiting = await platform.OutcomeAsync(status, "retrying");
            Assert.True(waiting.TryGetProperty("next_attempt_at", out _));
        }

        await using (var platform = await Platform.LaunchAsync(_state.Path))
        {
            await platform.PutProviderAsync("up");
            await platform.OutcomeAsync(status, "subscribed");
            Assert.Single(await platform.ListedAsync());
        }
    }
}
