// Asks for the token. The address names a page of the console; it is kept until after the login.
const form = document.querySelector('form');

const keepPage = () => { form.action = 'login' + location.hash; };
addEventListener('hashchange', keepPage);
keepPage();

if (location.search === '?refused') {
  const refused = document.getElementById('refused');
  refused.textContent = 'This is not the console\'s token.';
  refused.hidden = false;
}

// The cookie does not come with the click on a link of another page, but with what this page asks for. Under another name, as the same one would not be loaded again.
fetch('api/about').then(response => {
  if (response.ok) {
    location.replace((location.pathname.endsWith('/index.html') ? './' : 'index.html') + location.hash);
  }
});
