using System.Security.Cryptography;
using System.Text;
using ZohoPlatform.MessagingService.WhatsApp;

namespace ZohoPlatform.MessagingService.Tests.WhatsApp;

public sealed class MetaSignatureTests
{
    private const string Secret = "zonda-demo-app-secret-01";
    private const string Empty = """{"object":"whatsapp_business_account","entry":[]}""";
    private const string EmptysHex = "a81a3e21e996df25e8e146e2d4cbda8742508917e1825bb3da6ee3a77916b16f";

    // the older header's, of the same body
    private const string EmptysSha1 = "9ce8a49247151a0f04d4ab188e774dfcadae88d2";

    // made with Python's hmac and with OpenSSL
    [Theory]
    [InlineData(Empty, Secret, EmptysHex)]
    [InlineData(Empty + "\n", Secret, "1a42835b12a56d508c3e8effe8b12dccfbdaae70c0f08da388f1cef6597b13e7")]
    [InlineData(Empty, "zonda-demo-app-secret-02", "fc6913d3b3405fffd800a2ab879008527b79d3afc44e4be5d213245d759e126f")]
    [InlineData(Samples.WithoutNumber, Secret, "cfd5ab6829cf1debfc9f16c719eed35be358d456c76721b6789cc71b3bae82e0")]
    [InlineData(Samples.WithoutNumberInLetters, Secret, "af629edb3d4d18f2b17a038d03edd9def4b8f42a6e3867a2d72121c5f4eea000")]
    public void A_body_that_the_app_signed_is_taken(string body, string secret, string hex) =>
        Assert.True(MetaSignature.Verifies(Encoding.UTF8.GetBytes(body), $"sha256={hex}", secret));

    [Fact]
    public void A_body_that_it_did_not_sign_is_not()
    {
        var body = Encoding.UTF8.GetBytes(Empty);

        Assert.All([Empty + "\n", Empty[..^1], Empty.Replace("[]", "[ ]", StringComparison.Ordinal), ""], altered =>
            Assert.False(MetaSignature.Verifies(Encoding.UTF8.GetBytes(altered), $"sha256={EmptysHex}", Secret)));
        Assert.False(MetaSignature.Verifies(Encoding.UTF8.GetBytes(Samples.WithoutNumberInLetters),
            "sha256=cfd5ab6829cf1debfc9f16c719eed35be358d456c76721b6789cc71b3bae82e0", Secret));
        Assert.All(["zonda-demo-app-secret-02", "zonda-demo-app-secret-01 ", "", " "], secret =>
            Assert.False(MetaSignature.Verifies(body, $"sha256={EmptysHex}", secret)));
    }

    [Fact]
    public void A_signature_that_is_not_written_as_meta_writes_it_is_none()
    {
        var body = Encoding.UTF8.GetBytes(Empty);

        Assert.All(
            [
                null, "", "sha256=", EmptysHex, $"sha1={EmptysSha1}", $"sha256={EmptysSha1}", $"SHA256={EmptysHex}",
                $"sha256={EmptysHex.ToUpperInvariant()}",
                $"sha256={EmptysHex[..^1]}", $"sha256={EmptysHex}0", $"sha256={EmptysHex},sha256={EmptysHex}", $" sha256={EmptysHex}",
                $"sha256= {EmptysHex}", $"sha256={EmptysHex[..^1]}g", $"sha256={new string('0', 64)}", $"sha256={EmptysHex[..^1]}０",
            ],
            header => Assert.False(MetaSignature.Verifies(body, header, Secret)));
    }

    [Fact]
    public void Without_a_secret_nothing_is_taken()
    {
        var body = Encoding.UTF8.GetBytes(Empty);

        Assert.All(["", " "], secret => Assert.False(MetaSignature.Verifies(
            body, $"sha256={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), body))}", secret)));
    }
}
