using ZohoPlatform.CampaignsService.Registrations;
using ZohoPlatform.Contracts.Campaigns.V1;
using Contact = ZohoPlatform.CampaignsService.Registrations.Contact;

namespace ZohoPlatform.CampaignsService.Tests.Registrations;

public sealed class EmailAddressTests
{
    [Theory]
    [InlineData("ada@example.com")]
    [InlineData("  ada@example.com\r\n")]
    [InlineData("<ada@example.com>")]
    [InlineData("Ada <ada@example.com>")]
    [InlineData("Ada\u00A0Lovelace\n< ada@example.com >")]
    [InlineData("\"Lovelace, Ada <the first>\" <ada@example.com>")]
    [InlineData("ada@example.com <ada@example.com>")]
    [InlineData("'Ada@example.com' <ada@example.com>")]
    [InlineData("ada@example.com <mailto:ada@example.com>")]
    [InlineData("mailto:ada@example.com")]
    [InlineData("MAILTO:ada%40example.com?subject=Hi&to=x@example.com")]
    [InlineData("\uFEFFada@example.com")]
    [InlineData("\u200Bada@\u00ADexample.com\u200E")]
    [InlineData("ada\u2060@example\u200D.com\u00A0")]
    [InlineData("ada@example.com\uFE0F\u3164")]
    [InlineData("\U000E0041ada@example.com")]
    [InlineData("ada@EXAMPLE.com")]
    public void The_one_address_in_a_text_is_found(string text) => Assert.Equal("ada@example.com", EmailAddress.In(text));

    [Theory]
    [InlineData("")]
    [InlineData("<>")]
    [InlineData("\u200B")]
    [InlineData("Ada")]
    [InlineData("Ada ada@example.com")]
    [InlineData("ada @example.com")]
    [InlineData("ada\u00A0l@example.com")]
    [InlineData("ada@example.com, grace@example.com")]
    [InlineData("Ada <ada@example.com>, Grace <grace@example.com>")]
    [InlineData("grace@example.com <ada@example.com>")]
    [InlineData("<ada@example.com> Ada")]
    [InlineData("mailto:ada@example.com,grace@example.com")]
    [InlineData("ada@example.com\r\nBcc: grace@example.com")]
    [InlineData("ada@\u2603example.com")]
    [InlineData("ada@exa_mple.com")]
    [InlineData("ada@ex\u00E4mple..com")]
    public void A_text_without_an_address_or_with_several_has_none(string text) => Assert.Null(EmailAddress.In(text));

    [Theory]
    [InlineData("ada@ex\u00E4mple.de", "ada@xn--exmple-cua.de")]
    [InlineData("Ada@EX\u00C4MPLE.de", "Ada@xn--exmple-cua.de")]
    [InlineData("ada@XN--exmple-cua.de", "ada@xn--exmple-cua.de")]
    [InlineData("ada@ex\u00E4mple\u3002de", "ada@xn--exmple-cua.de")]
    [InlineData("\u0438\u0432\u0430\u043D@\u0434\u043E\u043C.\u0440\u0444", "\u0438\u0432\u0430\u043D@xn--d1aqf.xn--p1ai")]
    public void A_domain_travels_in_its_ascii_form(string text, string address)
    {
        Assert.Equal(address, EmailAddress.In(text));
        Assert.Equal(address, EmailAddress.In(address));
    }

    [Theory]
    [InlineData("Ada@Ex\u00E4mple.DE", "ada@xn--exmple-cua.de")]
    [InlineData("mailto:ada@xn--exmple-cua.de", "Ada <ADA@ex\u00E4mple.de>")]
    // what Zoho holds is compared whatever it is
    [InlineData(" Nobody ", "nobody")]
    public void Two_spellings_of_a_mailbox_are_one(string one, string other) =>
        Assert.Equal(EmailAddress.Normalise(one), EmailAddress.Normalise(other));

    [Theory]
    [InlineData(" Analytical\r\nEngines\u2028Ltd\t", "Analytical Engines Ltd")]
    [InlineData("\n \r", null)]
    public void A_line_break_in_a_field_is_a_space(string sent, string? kept)
    {
        Assert.True(Contact.From(new RegistrationFields { Email = "ada@example.com", Company = sent }).Succeeded(out var contact, out _));
        Assert.Equal(kept, contact.Company);
    }
}
