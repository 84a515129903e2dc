using ZohoPlatform.Testing;

namespace ZohoPlatform.TokenService.Tests;

public sealed class OwnCallsTests
{
    [Fact]
    public async Task A_service_on_its_own_account_calls_what_it_is_for_and_nothing_else()
    {
        await using var world = await TokenWorld.StartAsync();

        Assert.Equal(
            [
                "campaigns AccessTokens/GetAccessToken",
                "campaigns AccessTokens/GetFeatureSwitch",
                "campaigns AccessTokens/ReportRejectedToken",
                "crm AccessTokens/GetAccessToken",
                "crm AccessTokens/GetFeatureSwitch",
                "crm AccessTokens/ReportRejectedToken",
                "gateway AuditLog/ListHeads",
                "gateway Connections/CompleteAuthorization",
                "gateway Connections/CreateConnection",
                "gateway Connections/ListConnections",
                "gateway IntegrationSettingsStore/UpdateSettings",
                "gateway KeyRing/GetStatus",
                "gateway KeyRing/StartRotation",
                "gateway TenantData/EraseTenant",
                "messaging AccessTokens/GetAccessToken",
                "messaging AccessTokens/GetFeatureSwitch",
                "messaging AccessTokens/ReportRejectedToken",
            ],
            await OwnCalls.ThatComeThroughAsync(world.Host.Address, "tokens", world.Clock));
    }
}
